// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.compute.conformance.plain.PlainDevice;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.state.StateVisitor;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.GroupsConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.SpikeAction;
import org.mneme.train.config.SpikeConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.optimizer.MemoryOptimizer;

/**
 * A step whose gradient is not finite changes nothing, found out by the device alone: until the
 * next report nobody on the host knows of it.
 */
class SkippedStepTest extends TinyTest {
  private static final int GOOD_STEPS = 4;

  /** A parameter that every model has, near the end of the gradient's way. */
  private static final String SPOILED = "layers.1.attention.wo.weight";

  static Stream<Arguments> trainings() {
    GroupsConfig clipped =
        new GroupsConfig(null, null, null, null, new GroupConfig(1e-2, null, 0.5));
    return Stream.of(PublishedSystem.values())
        .flatMap(
            system ->
                Stream.of(
                    Arguments.of(system, "dense", Tiny.train().build()),
                    Arguments.of(
                        system, "lazy", Tiny.train().memoryOptimizer(MemoryOptimizer.LAZY).build()),
                    Arguments.of(system, "own clip", Tiny.train().groups(clipped).build()),
                    Arguments.of(system, "no clip", Tiny.train().gradClip(0).build()),
                    Arguments.of(
                        system,
                        "micro-batches",
                        Tiny.train().batchSize(2).accumulationSteps(2).build())));
  }

  /** The weights are not finite for the forward of one step, and whole again for its update. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("trainings")
  void aForwardThatIsNotFiniteChangesNothing(
      PublishedSystem system, String name, TrainConfig train) {
    for (boolean replaying : new boolean[] {false, true}) {
      try (Steps steps = new Steps(tiny.device, system, train, replaying)) {
        steps.run(GOOD_STEPS);
        Map<String, byte[]> before = steps.state();
        steps.runSpoiled(replaying ? Float.NaN : Float.POSITIVE_INFINITY);
        steps.expect(before, GOOD_STEPS + 1);
      }
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("trainings")
  void theNextStepIsThatOfATrainingWithoutTheSkippedOne(
      PublishedSystem system, String name, TrainConfig train) {
    try (Steps steps = new Steps(tiny.device, system, train, true)) {
      steps.run(GOOD_STEPS);
      steps.runSpoiled(Float.NaN);
      Map<String, byte[]> skipped = steps.state();
      steps.run(1);
      assertThat(steps.state().get("values")).isNotEqualTo(skipped.get("values"));
      assertThat(steps.training.optimizer().isFinite()).isTrue();
      assertThat(steps.training.optimizer().skippedSteps()).isEqualTo(1);
    }
  }

  /** A step that is found to be a spike once its gradient is known; its losses were measured. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("trainings")
  void aStepThatIsSkippedAsASpikeChangesNothing(
      PublishedSystem system, String name, TrainConfig train) {
    for (boolean replaying : new boolean[] {false, true}) {
      try (Steps steps = new Steps(tiny.device, system, train, replaying)) {
        steps.run(GOOD_STEPS);
        Map<String, byte[]> before = steps.state();
        steps.runSkipped();
        Map<String, byte[]> after = steps.state();
        for (String measured : List.of("losses.cross_entropy", "losses.balance_loss")) {
          before.remove(measured);
          after.remove(measured);
        }
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((part, bits) -> assertThat(after.get(part)).as(part).isEqualTo(bits));
      }
    }
  }

  /** The plain-Java device has BF16, and so a copy of the weights that must keep its bits. */
  @ParameterizedTest
  @MethodSource("formsInHalfPrecision")
  void theCopyInHalfPrecisionKeepsItsBits(PublishedSystem system, MemoryOptimizer form) {
    TrainConfig train = Tiny.train().dtype(DType.BF16).batchSize(1).memoryOptimizer(form).build();
    try (Device plain = new PlainDevice();
        Steps steps = new Steps(plain, system, train, false)) {
      steps.run(1);
      Map<String, byte[]> before = steps.state();
      assertThat(before).containsKey("copy");
      steps.runSpoiled(Float.NaN);
      steps.expect(before, 2);
    }
  }

  static Stream<Arguments> formsInHalfPrecision() {
    return Stream.of(
        Arguments.of(PublishedSystem.BESIDE, MemoryOptimizer.LAZY),
        Arguments.of(PublishedSystem.GATED_MLP, MemoryOptimizer.DENSE));
  }

  /** Steps of a model, and all that they may change. */
  private static final class Steps implements AutoCloseable {
    private final Device device;
    private final LanguageModel model;
    private final TrainingStep training;
    private final BatchIterator batches;
    private long step;

    Steps(Device device, PublishedSystem system, TrainConfig train, boolean replaying) {
      RunConfig run = tiny.run(tiny.model(system).emaUpdateFreq(1).build(), train);
      this.device = device;
      this.model = run.createModel(device);
      this.training =
          new TrainingStep(
                  model,
                  train,
                  TrainingPlan.of(train, 20).optimizer(),
                  tiny.tokenizer.padId(),
                  TargetWeights.EQUAL)
              .replaying(replaying);
      this.batches = tiny.data(run).training().endless(DataPosition.START);
    }

    void run(int count) {
      for (int i = 0; i < count; i++) {
        step++;
        training.gradients(step, batches::next);
        training.update(step);
        training.moveMemory(step, false);
      }
    }

    /** One step in whose gradients a number is not finite. */
    void runSpoiled(float bad) {
      step++;
      Tensor weights = model.parameters().parameter(SPOILED).value();
      byte[] good = bytes(weights);
      device.transfer().fill(weights, bad);
      training.gradients(step, batches::next);
      device.transfer().write(ByteBuffer.wrap(good), weights);
      training.update(step);
      training.moveMemory(step, false);
    }

    /** One step that moves nothing. */
    void runSkipped() {
      step++;
      training.gradients(step, batches::next);
      training.skip();
    }

    void expect(Map<String, byte[]> before, long steps) {
      assertThat(training.optimizer().isFinite()).isFalse();
      assertThat(training.optimizer().skippedSteps()).isEqualTo(1);
      assertThat(step).isEqualTo(steps);
      Map<String, byte[]> after = state();
      assertThat(after.keySet()).isEqualTo(before.keySet());
      before.forEach((name, bits) -> assertThat(after.get(name)).as(name).isEqualTo(bits));
    }

    /** Weights, their copy, entries, running statistics, moments, state of EMA, losses. */
    Map<String, byte[]> state() {
      Map<String, byte[]> state = new LinkedHashMap<>();
      state.put("values", bytes(model.parameters().values()));
      if (model.parameters().lowPrecisionCopy() != null) {
        state.put("copy", bytes(model.parameters().lowPrecisionCopy()));
      }
      model.memory().ifPresent(memory -> state.put("bank", bytes(memory.bank())));
      model.contexts().ifPresent(contexts -> put(contexts, state));
      model.buffers().tensors().forEach((name, tensor) -> state.put(name, bytes(tensor)));
      training.forEachState(
          new StateVisitor() {
            @Override
            public void visit(String name, Tensor tensor) {
              state.put(name, bytes(tensor));
            }

            @Override
            public void visit(String name, int[] values) {
              if (!name.equals("losses.skipped_steps")) {
                state.put(name, Arrays.toString(values).getBytes(US_ASCII));
              }
            }

            @Override
            public void visit(String name, float[] values) {
              state.put(name, Arrays.toString(values).getBytes(US_ASCII));
            }

            @Override
            public void visit(String name, double[] values) {
              state.put(name, Arrays.toString(values).getBytes(US_ASCII));
            }
          });
      return state;
    }

    private void put(ContextMemory contexts, Map<String, byte[]> state) {
      state.put("owners", bytes(contexts.owners()));
      state.put("votes", bytes(contexts.votes()));
    }

    private byte[] bytes(Tensor tensor) {
      byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
      device.transfer().read(tensor, ByteBuffer.wrap(bytes));
      return bytes;
    }

    @Override
    public void close() {
      training.close();
      model.close();
    }
  }

  /** Spoils the weights for the steps after some, and restores them afterwards. */
  private static TrainingListener spoiling(LanguageModel model, long from, long to) {
    return new TrainingListener() {
      private float[] good;

      @Override
      public void stepped(long step) {
        Tensor weights = model.parameters().master(SPOILED);
        if (step == from) {
          good = tiny.device.transfer().readFloats(weights);
          tiny.device.transfer().fill(weights, Double.NaN);
        } else if (step == to) {
          tiny.device.transfer().writeFloats(good, weights);
        }
      }
    };
  }

  private static TrainConfig reportedEvery(int interval) {
    return Tiny.train().maxSteps(12).logInterval(interval).evalInterval(12).build();
  }

  @Test
  void skippedStepsAreReportedAndTheTrainingContinues() {
    for (PublishedSystem system : PublishedSystem.values()) {
      RunConfig run = tiny.run(tiny.model(system).build(), reportedEvery(6));
      try (LanguageModel model = tiny.create(run)) {
        Trainer trainer = tiny.trainer(model, run, folder.resolve(system.id()));
        TrainingResult result = trainer.listen(spoiling(model, 2, 4)).train();
        assertThat(result.validationLoss().orElseThrow()).isFinite();
        assertThat(result.trainLoss()).isFinite().isPositive();
      }
      Map<String, Object> line = Map.of("event", "skipped", "step", 6, "skipped", 2, "steps", 6);
      assertThat(RunFiles.events(folder.resolve(system.id()), "skipped"))
          .hasSize(1)
          .allSatisfy(
              event ->
                  line.forEach(
                      (key, value) ->
                          assertThat(event.get(key).asText()).isEqualTo(value.toString())));
      assertThat(RunFiles.events(folder.resolve(system.id()), "train"))
          .hasSize(2)
          .allSatisfy(
              event -> {
                assertThat(event.get("loss").isNumber()).isTrue();
                assertThat(event.get("grad_norm").isNumber()).isTrue();
              });
    }
  }

  @Test
  void stepsThatAreJudgedAreSkippedToo() {
    SpikeConfig spikes = SpikeConfig.builder().action(SpikeAction.STOP).window(2).build();
    TrainConfig train = reportedEvery(6).toBuilder().spikeGuard(spikes).build();
    RunConfig run = tiny.run(tiny.model(PublishedSystem.ORIGINAL).build(), train);
    try (LanguageModel model = tiny.create(run)) {
      Overflow overflow = new Overflow(model, 3, 4);
      assertThat(tiny.trainer(model, run, folder).listen(overflow).train().steps()).isEqualTo(12);
    }
    assertThat(RunFiles.events(folder, "skipped").get(0).get("skipped").asInt()).isEqualTo(1);
  }

  /** Makes numbers overflow in the forward by weights that are huge, but finite. */
  private static final class Overflow implements TrainingListener {
    private final List<Tensor> weights = new ArrayList<>();
    private final List<float[]> good = new ArrayList<>();
    private final long from;
    private final long to;

    Overflow(LanguageModel model, long from, long to) {
      this.from = from;
      this.to = to;
      model.parameters().table().specs().stream()
          .map(ParameterSpec::name)
          .filter(name -> name.matches("layers.1.(feed_forward|memory_fusion).*|memory_bank"))
          .forEach(name -> weights.add(model.parameters().master(name)));
    }

    @Override
    public void stepped(long step) {
      if (step == from) {
        weights.forEach(tensor -> good.add(tiny.device.transfer().readFloats(tensor)));
        weights.forEach(tensor -> tiny.device.transfer().writeFloats(huge(tensor), tensor));
      } else if (step == to) {
        for (int i = 0; i < good.size(); i++) {
          tiny.device.transfer().writeFloats(good.get(i), weights.get(i));
        }
      }
    }
  }

  /** Rows of both signs: a gate that is far below 0 is closed, and nothing overflows behind it. */
  private static float[] huge(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elementCount())];
    long columns = tensor.shape().columns();
    for (int i = 0; i < values.length; i++) {
      values[i] = i / columns % 2 == 0 ? 1e16f : -1e16f;
    }
    return values;
  }

  /** Nothing more can be learned, but what was learned is whole. */
  @ParameterizedTest
  @EnumSource
  void aTrainingWithoutAnyFiniteGradientStopsWithAFiniteCheckpoint(PublishedSystem system) {
    RunConfig run = tiny.run(tiny.model(system).build(), reportedEvery(2));
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, folder).listen(new Overflow(model, 4, 12));
      assertThatThrownBy(trainer::train)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("step 6: no gradient of the last 2 steps is finite")
          .hasMessageContaining("Losses were finite up to step 4");
    }
    Checkpoint checkpoint = new Checkpoint(RunFolder.checkpointOf(folder));
    assertThat(checkpoint.state().steps()).isEqualTo(5);
    LanguageModel.load(tiny.device, checkpoint.directory()).close();
  }

  /** An exception while gradients are computed leaves a checkpoint to resume from, to the bit. */
  @ParameterizedTest
  @EnumSource
  void aStepThatFailsBeforeItMovesAnythingLosesNoStep(PublishedSystem system) {
    // A step that is replayed calls no operation that could be made to fail.
    assumeThat(tiny.device.replaysShapes()).isFalse();
    for (int failing = 1; failing <= 2; failing++) {
      TrainConfig train =
          Tiny.train()
              .maxSteps(5)
              .logInterval(3)
              .keepLast(1)
              .batchSize(2)
              .accumulationSteps(2)
              .build();
      RunConfig run = tiny.run(tiny.model(system).emaUpdateFreq(2).build(), train);
      Path whole = folder.resolve("whole-" + failing);
      Path broken = folder.resolve("broken-" + failing);
      tiny.train(run, whole);
      FailingDevice device = new FailingDevice(tiny.device);
      try (LanguageModel model = run.createModel(device.asDevice())) {
        Trainer trainer = new Trainer(model, run, tiny.data(run), new RunFolder(broken));
        int microBatch = failing;
        trainer.listen(
            new TrainingListener() {
              @Override
              public void stepped(long step) {
                if (step == 3) {
                  device.failIn(microBatch);
                }
              }
            });
        assertThatThrownBy(trainer::train).hasMessage("of the device");
      }
      Checkpoint checkpoint = new Checkpoint(RunFolder.checkpointOf(broken));
      assertThat(checkpoint.state().steps()).isEqualTo(3);
      try (LanguageModel model = tiny.create(run)) {
        tiny.trainer(model, run, broken).resume().train();
      }
      RunFiles.assertEqual(broken, whole);
    }
  }
}
