// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void tellsMeanAndDeviationOfTheSample() {
    assertThat(Spread.of(1, 2, 6).text(2)).isEqualTo("3.00 ± 2.65");
  }

  @Test
  void saysNoMoreThanThereIs() {
    assertThat(Spread.of().text(1)).isEqualTo("–");
    assertThat(Spread.of(4).text(1)).isEqualTo("4.0");
    assertThat(Spread.of(4, 4).text(0)).isEqualTo("4");
  }
}
