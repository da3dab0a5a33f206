// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.Device;
import org.mneme.compute.testing.FailureSweep;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.io.testing.FaultyFileSystem;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.optimizer.MemoryOptimizer;
import org.mneme.train.optimizer.OptimizerConfig;

/** Whatever fails in a training, on any allocation or operation: nothing stays allocated. */
class OpenAfterFailureTest extends TinyTest {
  private static final int STRIDE = 23;

  private static Device device;

  @BeforeAll
  static void openDevice() {
    device = FailureSweep.openDevice();
  }

  @AfterAll
  static void closeDevice() {
    device.close();
  }

  private static RunConfig run(PublishedSystem system) {
    TrainConfigBuilder train =
        Tiny.train().batchSize(2).maxSteps(3).evalInterval(2).evalBatches(1).saveInterval(2);
    if (system == PublishedSystem.EMA_TOKEN || system == PublishedSystem.EMA_VECTOR) {
      train.revivalUnusedUpdates(1).revivalSource(RevivalSource.USED);
    }
    if (system == PublishedSystem.BESIDE) {
      train.memoryOptimizer(MemoryOptimizer.LAZY);
    }
    return tiny.run(tiny.model(system).emaUpdateFreq(1).build(), train.build());
  }

  /** Three steps, the second of which is recorded and the third replayed, and a validation. */
  private static void steps(Device on, RunConfig run, TrainingData data) {
    OptimizerConfig optimizer =
        TrainingPlan.of(run.train(), data.training().sequencesPerEpoch()).optimizer();
    BatchIterator batches = data.training().endless(DataPosition.START);
    try (LanguageModel model = run.createModel(on);
        TrainingStep training =
            new TrainingStep(
                model, run.train(), optimizer, data.tokenizer().padId(), TargetWeights.EQUAL);
        ValidationLoss heldOut = new ValidationLoss(model, data.validation().orElseThrow(), 1)) {
      for (long step = 1; step <= 3; step++) {
        training.gradients(step, batches::next);
        training.update(step);
        training.moveMemory(step, true);
      }
      heldOut.evaluate();
    }
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void stepsOfEverySystem(PublishedSystem system) {
    RunConfig run = run(system);
    TrainingData data = tiny.data(run);
    FailureSweep sweep = new FailureSweep(device, on -> steps(on, run, data));
    assertThat(sweep.allocations()).isGreaterThan(50);
    assertThat(sweep.operations(STRIDE)).isPositive();
  }

  private static void train(Device on, RunConfig run, TrainingData data) {
    Path root = FaultyFileSystem.create().getPath("/run");
    try (LanguageModel model = run.createModel(on)) {
      new Trainer(model, run, data, new RunFolder(root)).train();
    }
  }

  /**
   * With checkpoints, which are left also where the training fails, on a file system in memory.
   * {@link #stepsOfEverySystem} lets each allocation of a step fail; here it is each place from
   * which one is made, since a whole training takes ten times as long.
   */
  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"EMA_TOKEN", "CONTEXT"})
  void aWholeTraining(PublishedSystem system) {
    RunConfig all = run(system);
    RunConfig run =
        tiny.run(all.model(), all.train().toBuilder().maxSteps(2).saveInterval(1).build());
    TrainingData data = tiny.data(run);
    FailureSweep sweep = new FailureSweep(device, on -> train(on, run, data));
    assertThat(sweep.places()).isGreaterThan(150);
    assertThat(sweep.operations(3 * STRIDE)).isGreaterThan(5);
  }

  @ParameterizedTest
  @CsvSource({"EMA_TOKEN, TEXT", "EMA_TOKEN, KMEANS", "EMA_VECTOR, KMEANS"})
  void firstContents(PublishedSystem system, MemoryInit init) {
    RunConfig run =
        tiny.run(tiny.model(system).knowledgeNum(16).build(), Tiny.train().batchSize(8).build());
    FailureSweep sweep =
        new FailureSweep(
            device,
            on -> {
              try (LanguageModel model = run.createModel(on)) {
                new MemoryInitializer(model, tiny.data(run), run.train()).initialize(init);
              }
            });
    assertThat(sweep.allocations()).isGreaterThan(2);
    assertThat(sweep.operations(STRIDE)).isPositive();
  }
}
