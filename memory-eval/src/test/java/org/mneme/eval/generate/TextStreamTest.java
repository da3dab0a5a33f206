// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.eval.ByteCodec;

class TextStreamTest {
  private static List<String> pieces(int... ids) {
    TextStream stream = new TextStream(new ByteCodec());
    List<String> pieces = new ArrayList<>();
    for (int id : ids) {
      pieces.add(stream.add(id));
    }
    pieces.add(stream.finish());
    return pieces;
  }

  @Test
  void holdsBackCutCharacters() {
    assertThat(pieces(new ByteCodec().encode("aé→😀")))
        .containsExactly("a", "", "é", "", "", "→", "", "", "", "😀", "");
  }

  @Test
  void givesBrokenCharactersInTheEnd() {
    assertThat(pieces(ByteCodec.id('a'), 3 + 0xe2)).containsExactly("a", "", "\uFFFD");
    assertThat(pieces(3 + 0xe2, ByteCodec.id('b'))).containsExactly("", "\uFFFDb", "");
  }
}
