// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
  private static LearningRateSchedule cosine(long warmup, long total, double least) {
    return new LearningRateSchedule(ScheduleForm.COSINE, warmup, total, least);
  }

  @Test
  void warmsUpLinearly() {
    LearningRateSchedule schedule = cosine(4, 100, 0.1);
    assertThat(schedule.share(1)).isEqualTo(0.25);
    assertThat(schedule.share(3)).isEqualTo(0.75);
    assertThat(schedule.share(4)).isEqualTo(1.0);
  }

  @Test
  void fallsAlongHalfACosine() {
    LearningRateSchedule schedule = cosine(10, 110, 0.1);
    assertThat(schedule.share(10)).isEqualTo(1.0);
    // 1/4, 1/2 and 3/4 of the way: 0.1 + 0.9·(1 + cos) / 2.
    assertThat(schedule.share(35)).isCloseTo(0.1 + 0.45 * (1 + Math.sqrt(0.5)), within(1e-12));
    assertThat(schedule.share(60)).isCloseTo(0.55, within(1e-12));
    assertThat(schedule.share(85)).isCloseTo(0.1 + 0.45 * (1 - Math.sqrt(0.5)), within(1e-12));
    assertThat(schedule.share(110)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.share(1000)).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void withoutAWarmUpTheFirstStepHasAllAndTheLastTheLeast() {
    assertThat(cosine(0, 50, 0).share(1)).isEqualTo(1.0);
    assertThat(cosine(0, 50, 0).share(50)).isCloseTo(0, within(1e-12));
    assertThat(cosine(0, 1, 0.1).share(1)).isEqualTo(1.0);
  }

  @Test
  void staysConstantAfterTheWarmUp() {
    LearningRateSchedule schedule = new LearningRateSchedule(ScheduleForm.CONSTANT, 2, 10, 0.1);
    assertThat(schedule.share(1)).isEqualTo(0.5);
    assertThat(schedule.share(2)).isEqualTo(1.0);
    assertThat(schedule.share(10)).isEqualTo(1.0);
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> cosine(-1, 10, 0.1)).hasMessageContaining("warmupSteps is -1");
    assertThatThrownBy(() -> cosine(0, 0, 0.1)).hasMessageContaining("totalSteps is 0");
    assertThatThrownBy(() -> cosine(0, 10, 1.1)).hasMessageContaining("minRatio is 1.1");
    assertThatThrownBy(() -> cosine(0, 10, 0.1).share(0)).hasMessageContaining("step is 0");
  }
}
