// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreTokenizerTest {

  /**
   * GPT-2's pattern; with this flag "\s" is Unicode's White_Space, as in Hugging Face's library.
   */
  private static final Pattern GPT2 =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static final String[] PARTS = {
    "a", "Z", "é", "中", "ß", "s", "t", "re", "ve", "ll", "d", "m", "'", "'", "'s", "'re", " ", " ",
    " ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\u0085", "\u200b", "1", "٣", "½",
    "Ⅷ", ".", "!?", "…", "-", "\u0301", "\ufe0e", "😀", "𝒜", "𝟙", "\u0000", "_", "\u001c"
  };

  @Test
  void cutsAsGpt2Does() {
    assertThat(split("I'll say: it's 42 degrees,  isn't it?\n\n Yes  "))
        .containsExactly(
            "I",
            "'ll",
            " say",
            ":",
            " it",
            "'s",
            " 42",
            " degrees",
            ",",
            " ",
            " isn",
            "'t",
            " it",
            "?",
            "\n\n",
            " Yes",
            "  ");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void cutsAnyTextAsThePatternDoes(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n > 0; n--) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
      assertThat(split(text.toString())).isEqualTo(byPattern(text.toString()));
    }
  }

  private static List<String> split(String text) {
    List<String> pieces = new ArrayList<>();
    new PreTokenizer().split(text, (start, end) -> pieces.add(text.substring(start, end)));
    return pieces;
  }

  private static List<String> byPattern(String text) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = GPT2.matcher(text);
    while (matcher.find()) {
      pieces.add(matcher.group());
    }
    return pieces;
  }
}
