// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.AlarmAction;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.GroupsConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.SpikeAction;
import org.mneme.train.config.SpikeConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.config.TrainConfigBuilder;

/** A resumed training judges, tells and freezes what one that was never interrupted does. */
class GuardResumeTest extends TinyTest {
  private static final int STEPS = 12;

  /** With one selected entry its weight is 1 whatever the scores are: gates have no gradient. */
  private static ModelConfig deadGate() {
    return tiny.model(PublishedSystem.GATED_MLP).numSelected(1).balanceLossCoef(0).build();
  }

  private static TrainConfigBuilder train() {
    return Tiny.train().maxSteps(STEPS).logInterval(4);
  }

  private void assertSameAfterAStop(RunConfig run, int stop) {
    Path broken = folder.resolve("stopped-after-" + stop);
    int[] steps = {0};
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, broken).stopWhen(() -> ++steps[0] == stop);
      assertThatThrownBy(trainer::train).isInstanceOf(TrainingStoppedException.class);
    }
    resume(run, broken);
    RunFiles.assertEqual(broken, folder.resolve("whole"));
  }

  private static void resume(RunConfig run, Path where) {
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, where).resume().train();
    }
  }

  private static List<String> events(Path run) {
    return RunFiles.metrics(run).stream().map(Object::toString).toList();
  }

  @Test
  void guardsGoOnWhereTheyWere() {
    // A low limit, so that there are spikes without anybody's doing.
    SpikeConfig spikes =
        SpikeConfig.builder().action(SpikeAction.SKIP).window(3).zScore(0.1).build();
    AlarmConfig alarms = AlarmConfig.builder().gradientInterval(3).build();
    TrainConfig train = train().keepLast(1).spikeGuard(spikes).alarms(alarms).build();
    RunConfig run = tiny.run(deadGate(), train);
    tiny.train(run, folder.resolve("whole"));
    assertThat(events(folder.resolve("whole")))
        .anyMatch(event -> event.contains("\"spike\""))
        .anyMatch(event -> event.contains("\"no_gradient\""));
    assertSameAfterAStop(run, 5);
    assertSameAfterAStop(run, 8);
  }

  @Test
  void embeddingsAndGroupsGoOnWhereTheyWere() {
    GroupsConfig groups = new GroupsConfig(null, null, null, null, new GroupConfig(0.02, 0.1, 0.5));
    TrainConfig train =
        train()
            .keepLast(1)
            .batchSize(16)
            .embeddingEpoch(1)
            .endTokenWeight(3)
            .groups(groups)
            .build();
    RunConfig run = tiny.run(tiny.model(PublishedSystem.GATED_MLP).build(), train);
    long perEpoch = tiny.data(run).training().sequencesPerEpoch();
    assertThat(TrainingPlan.of(train, perEpoch).embeddingSteps()).isBetween(3L, STEPS - 2L);
    tiny.train(run, folder.resolve("whole"));
    assertSameAfterAStop(run, 2);
    assertSameAfterAStop(run, STEPS - 1);
  }

  @Test
  void aTrainingThatAnAlarmStoppedGoesOn() {
    AlarmConfig warn = AlarmConfig.builder().gradientInterval(3).build();
    AlarmConfig stop = warn.toBuilder().action(AlarmAction.STOP).build();
    RunConfig warned = tiny.run(deadGate(), train().keepLast(1).alarms(warn).build());
    RunConfig stopped = tiny.run(deadGate(), train().keepLast(1).alarms(stop).build());
    tiny.train(warned, folder.resolve("whole"));
    Path broken = folder.resolve("broken");
    assertThatThrownBy(() -> tiny.train(stopped, broken))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("step 6");
    // What happens at an alarm may be another thing in the rest of the training.
    resume(warned, broken);
    RunFiles.assertEqual(broken, folder.resolve("whole"));
  }
}
