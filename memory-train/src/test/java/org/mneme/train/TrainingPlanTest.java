// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  private static TrainConfigBuilder config() {
    return TrainConfig.builder().batchSize(4).accumulationSteps(2).epochs(3).maxSteps(0);
  }

  @Test
  void stepsCoverTheEpochsUnlessTheyAreLimited() {
    assertThat(TrainingPlan.of(config().build(), 100).steps()).isEqualTo(38);
    assertThat(TrainingPlan.of(config().maxSteps(10).build(), 100).steps()).isEqualTo(10);
    assertThat(TrainingPlan.of(config().maxSteps(50).build(), 100).steps()).isEqualTo(38);
    assertThat(TrainingPlan.of(config().maxSteps(50).epochs(0).build(), 100).steps()).isEqualTo(50);
  }

  @Test
  void theLastStepIsReportedAndValidatedInAnyCase() {
    TrainConfig config =
        config().maxSteps(25).logInterval(10).evalInterval(0).saveInterval(5).build();
    TrainingPlan plan = TrainingPlan.of(config, 1000);
    assertThat(plan.reportsAfter(20)).isTrue();
    assertThat(plan.reportsAfter(21)).isFalse();
    assertThat(plan.reportsAfter(25)).isTrue();
    assertThat(plan.validatesAfter(20)).isFalse();
    assertThat(plan.validatesAfter(25)).isTrue();
    assertThat(plan.savesAfter(20)).isTrue();
    assertThat(plan.savesAfter(25)).isFalse();
  }

  @Test
  void aValidationSoonAfterIsSeen() {
    TrainConfig config = config().maxSteps(28).evalInterval(10).build();
    TrainingPlan plan = TrainingPlan.of(config, 1000);
    assertThat(plan.validatesWithin(5, 5)).isFalse();
    assertThat(plan.validatesWithin(6, 5)).isTrue();
    assertThat(plan.validatesWithin(10, 1)).isTrue();
    assertThat(plan.validatesWithin(11, 5)).isFalse();
    assertThat(plan.validatesWithin(25, 5)).isTrue();
  }
}
