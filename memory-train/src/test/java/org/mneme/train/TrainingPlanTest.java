// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.GroupsConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.optimizer.GroupSettings;

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
  void embeddingsLearnInTheStepsThatBeginInTheirEpochs() {
    assertThat(TrainingPlan.of(config().build(), 100).embeddingSteps()).isEqualTo(Long.MAX_VALUE);
    // Step 13 begins with sequence 96 of epoch 0, step 14 with sequence 4 of epoch 1.
    assertThat(TrainingPlan.of(config().embeddingEpoch(1).build(), 100).embeddingSteps())
        .isEqualTo(13);
    assertThat(TrainingPlan.of(config().embeddingEpoch(2).build(), 100).embeddingSteps())
        .isEqualTo(25);
  }

  @Test
  void aGroupIsTreatedAsAllAreUnlessItSaysOtherwise() {
    GroupsConfig groups =
        new GroupsConfig(
            new GroupConfig(null, 0.0, null),
            null,
            new GroupConfig(0.0, null, null),
            null,
            new GroupConfig(0.5, 0.25, 2.0));
    TrainConfig config =
        config().learningRate(0.1).memoryLearningRate(0.2).weightDecay(0.3).groups(groups).build();
    Map<ParameterGroup, GroupSettings> settings = TrainingPlan.of(config, 100).optimizer().groups();
    OptionalDouble common = OptionalDouble.empty();
    assertThat(settings)
        .containsEntry(ParameterGroup.EMBEDDING, new GroupSettings(0.1, 0, common))
        .containsEntry(ParameterGroup.MATRIX, new GroupSettings(0.1, 0.3, common))
        .containsEntry(ParameterGroup.MEMORY_GATE, new GroupSettings(0, 0.3, common))
        .containsEntry(ParameterGroup.NORM, new GroupSettings(0.1, 0, common))
        .containsEntry(
            ParameterGroup.MEMORY_VALUES, new GroupSettings(0.5, 0.25, OptionalDouble.of(2)));
    TrainConfig plain = config.toBuilder().groups(GroupsConfig.SAME).build();
    assertThat(TrainingPlan.of(plain, 100).optimizer().groups())
        .containsEntry(ParameterGroup.MEMORY_VALUES, new GroupSettings(0.2, 0, common));
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
