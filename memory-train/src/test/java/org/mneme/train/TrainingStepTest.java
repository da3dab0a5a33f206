// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.GroupsConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.optimizer.MemoryOptimizer;

/** Training gives the same bits each time, whether its work is replayed or launched. */
class TrainingStepTest {
  private static final int STEPS = 12;
  private static final int MANY_STEPS = 50;
  private static final int SEQUENCES_PER_EPOCH = 20;

  @TempDir private Path folder;

  private Tiny tiny;

  @BeforeEach
  void open() {
    tiny = new Tiny(folder);
  }

  @AfterEach
  void close() {
    tiny.close();
  }

  static Stream<Arguments> systemsAndMicroBatches() {
    return Stream.of(PublishedSystem.values())
        .flatMap(
            system ->
                Stream.of(MemoryOptimizer.values())
                    .flatMap(
                        form ->
                            Stream.of(
                                Arguments.of(system, form, 1), Arguments.of(system, form, 3))));
  }

  @ParameterizedTest
  @MethodSource("systemsAndMicroBatches")
  void replayedStepsGiveTheBitsOfLaunchedOnes(
      PublishedSystem system, MemoryOptimizer form, int microBatches) {
    for (DType type : DType.values()) {
      if (type.isFloating() && tiny.device.info().dtypes().contains(type)) {
        byte[][] launched = train(config(form, microBatches, type, STEPS), system, false);
        assertThat(train(config(form, microBatches, type, STEPS), system, true))
            .as("%s", type)
            .isDeepEqualTo(launched);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"ORIGINAL", "EMA_TOKEN", "BESIDE"})
  void replayedStepsGiveTheBitsOfLaunchedOnesWhenEmbeddingsFreeze(PublishedSystem system) {
    TrainConfig config =
        config(MemoryOptimizer.LAZY, 1, DType.F32, STEPS).toBuilder()
            .embeddingEpoch(1)
            .groups(new GroupsConfig(null, null, null, null, new GroupConfig(1e-2, null, 0.5)))
            .build();
    byte[][] launched = train(config, system, false);
    assertThat(train(config, system, true)).isDeepEqualTo(launched);
    TrainConfig all = config.toBuilder().embeddingEpoch(0).build();
    assertThat(train(all, system, true)[1]).isNotEqualTo(launched[1]);
  }

  @ParameterizedTest
  @EnumSource
  void twoRunsGiveTheSameBits(PublishedSystem system) {
    for (DType type : DType.values()) {
      if (type.isFloating() && tiny.device.info().dtypes().contains(type)) {
        TrainConfig config = config(MemoryOptimizer.DENSE, 1, type, MANY_STEPS);
        assertThat(train(config, system, true))
            .as("%s", type)
            .isDeepEqualTo(train(config, system, true));
      }
    }
  }

  private static TrainConfig config(MemoryOptimizer form, int microBatches, DType type, int steps) {
    return Tiny.train()
        .memoryOptimizer(form)
        .accumulationSteps(microBatches)
        .maxSteps(steps)
        .dtype(type)
        .build();
  }

  /** Weights, entries and losses after some steps. */
  private byte[][] train(TrainConfig train, PublishedSystem system, boolean replaying) {
    RunConfig run = tiny.run(tiny.model(system).build(), train);
    TrainingPlan plan = TrainingPlan.of(train, SEQUENCES_PER_EPOCH);
    Device device = tiny.device;
    try (LanguageModel model = run.createModel(device);
        TrainingStep training =
            new TrainingStep(
                    model, train, plan.optimizer(), tiny.tokenizer.padId(), TargetWeights.EQUAL)
                .replaying(replaying)) {
      BatchIterator batches = tiny.data(run).training().endless(DataPosition.START);
      for (long step = 1; step <= train.maxSteps(); step++) {
        training.gradients(step, batches::next);
        training.update(step);
        training.moveMemory(step, false);
      }
      List<byte[]> state = new ArrayList<>();
      state.add(bytes(training.pass().crossEntropy()));
      state.add(bytes(model.parameters().values()));
      model.memory().ifPresent(memory -> state.add(bytes(memory.bank())));
      return state.toArray(byte[][]::new);
    }
  }

  private byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
    tiny.device.transfer().read(tensor, ByteBuffer.wrap(bytes));
    return bytes;
  }
}
