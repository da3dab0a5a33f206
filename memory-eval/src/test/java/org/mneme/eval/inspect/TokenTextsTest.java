// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.mneme.eval.ByteCodec;

class TokenTextsTest {
  private static final ByteCodec CODEC = new ByteCodec();

  private final TokenTexts texts = new TokenTexts(CODEC);

  @Test
  void namesTokensWithoutText() {
    assertThat(texts.token(ByteCodec.id('x'))).isEqualTo("x");
    assertThat(texts.token(0)).isEqualTo("‹pad›");
    assertThat(texts.token(1)).isEqualTo("‹begin›");
    assertThat(texts.token(2)).isEqualTo("‹end›");
    assertThat(texts.token(259)).isEqualTo("‹259›");
    assertThat(texts.token(-1)).isEqualTo("‹-1›");
  }

  @Test
  void leavesOutHalfCharactersAtTheEndsOfAPassage() {
    int[] ids = CODEC.encode("é=→");

    assertThat(texts.passage(ids)).isEqualTo("é=→");
    assertThat(texts.passage(Arrays.copyOfRange(ids, 1, ids.length - 1))).isEqualTo("=");
    assertThat(texts.passage(Arrays.copyOfRange(ids, 1, 2))).isEmpty();
  }

  @Test
  void decodesAnEntryAsAWhole() {
    assertThat(texts.text(ByteCodec.id('a'), 3 + 0xc3, 3 + 0xa9, 1, 300)).isEqualTo("aé");
  }
}
