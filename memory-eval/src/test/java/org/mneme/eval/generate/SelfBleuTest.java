// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SelfBleuTest {
  @Test
  void isOneForTextsThatAreAllTheSame() {
    List<Integer> text = List.of(1, 2, 3, 4, 5);
    assertThat(SelfBleu.of(List.of(text, text, text))).isCloseTo(1, within(1e-12));
  }

  @Test
  void isLittleForTextsWithNothingInCommon() {
    double bleu = SelfBleu.of(List.of(List.of(1, 2, 3, 4), List.of(5, 6, 7, 8)));
    // 0.1 instead of no match among 4, 3, 2 and 1 n-grams.
    assertThat(bleu).isCloseTo(Math.pow(1e-4 / 24, 0.25), within(1e-12));
  }

  @Test
  void countsAsOftenAsOneOtherTextHasIt() {
    // A: 1 1 1 2. B: 1 1 3 2. C: 1 5 6 7, all against all others.
    double a = bleu(new int[] {3, 1, 0, 0});
    double b = bleu(new int[] {3, 1, 0, 0});
    double c = bleu(new int[] {1, 0, 0, 0});
    double expected = (a + b + c) / 3;
    assertThat(SelfBleu.of(List.of(List.of(1, 1, 1, 2), List.of(1, 1, 3, 2), List.of(1, 5, 6, 7))))
        .isCloseTo(expected, within(1e-12));
  }

  private static double bleu(int[] matches) {
    double product = 1;
    for (int n = 0; n < matches.length; n++) {
      product *= Math.max(0.1, matches[n]) / (matches.length - n);
    }
    return Math.pow(product, 1.0 / matches.length);
  }

  @Test
  void aShortTextPaysForItsBrevity() {
    double bleu = SelfBleu.of(List.of(List.of(1, 2), List.of(1, 2, 3, 4)));
    double shortOne = Math.exp(1 - 4 / 2.0);
    double longOne = bleu(new int[] {2, 1, 0, 0});
    assertThat(bleu).isCloseTo((shortOne + longOne) / 2, within(1e-12));
  }

  @Test
  void oneTextIsLikeNoOther() {
    assertThat(SelfBleu.of(List.of(List.of(1, 2), List.of()))).isNull();
  }
}
