// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VisibleTextTest {
  @Test
  void controlCharactersAreShownAsEscapes() {
    assertThat(VisibleText.of("a\u001b[31mb")).isEqualTo("a\\u001B[31mb");
    assertThat(VisibleText.of("\u0000\b\r\u007f\u0085\u009b"))
        .isEqualTo("\\u0000\\u0008\\u000D\\u007F\\u0085\\u009B");
    assertThat(VisibleText.of("\u202eevil\u2069")).isEqualTo("\\u202Eevil\\u2069");
    assertThat(VisibleText.of("half \ud83d")).isEqualTo("half \\uD83D");
  }

  @Test
  void allOtherTextIsAsItIs() {
    String text = "two\nlines\tof 字 é 😀 \u200d \u200f \\u001B";
    assertThat(VisibleText.of(text)).isSameAs(text);
  }
}
