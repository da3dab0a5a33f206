// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.model.TextCodec;

class ExperimentTextsTest {
  /** A token for each byte. */
  private static final TextCodec BYTES =
      new TextCodec() {
        @Override
        public int[] encode(String text) {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          int[] ids = new int[bytes.length];
          for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xff;
          }
          return ids;
        }

        @Override
        public String decode(int[] ids) {
          throw new AssertionError("a beginning is a piece of its text");
        }

        @Override
        public int beginId() {
          return 256;
        }

        @Override
        public int endId() {
          return 257;
        }

        @Override
        public int padId() {
          return 258;
        }

        @Override
        public int vocabularySize() {
          return 259;
        }
      };

  private static List<String> beginnings(String text, int longestSequence) {
    return ExperimentTexts.beginnings(List.of(text), BYTES, longestSequence);
  }

  @Test
  void fourWordsAreABeginning() {
    assertThat(beginnings("one two three four five", 64)).containsExactly("one two three four");
    assertThat(beginnings("one", 64)).containsExactly("one");
    assertThat(beginnings("", 64)).containsExactly("");
  }

  /** Half of the model is left for what it writes. */
  @Test
  void longBeginningsAreCutBetweenCharacters() {
    assertThat(beginnings("了们后中说而也多他我年上", 22)).containsExactly("了们后");
    assertThat(beginnings("了们后中说而也多他我年上", 1000).get(0)).hasSize(12);
    assertThat(beginnings("字".repeat(5000), 10_000).get(0)).hasSize(21);
    assertThat(beginnings("a😀😀", 18)).as("no half of a surrogate pair").containsExactly("a😀");
    assertThat(beginnings("e\u0301e\u0301", 12)).as("no lost accent").containsExactly("e\u0301");
  }

  @Test
  void aModelWithoutRoomHasNoPrompts() {
    assertThat(beginnings("a b c", 3)).isEmpty();
    assertThat(beginnings("a b c", 1)).isEmpty();
    assertThat(beginnings("了", 4)).as("not even one character fits").containsExactly("");
  }
}
