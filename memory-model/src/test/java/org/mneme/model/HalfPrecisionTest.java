// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.compute.conformance.plain.PlainDevice;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.model.autograd.Tape;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.model.parameters.ParameterSpec;

/**
 * Models that compute in BF16, on the plain device: close to the same models in F32, and every
 * tensor is trained.
 */
class HalfPrecisionTest {
  /** A BF16 has 8 significant bits: some roundings of 2⁻⁹ each, relative to the logits' spread. */
  private static final double LOGITS = 2e-2;

  private static final double LOSS = 1e-2;
  private static final int DRAWS = 4;

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> lossAndGradientsOfEverySystem() {
    return TinyModels.all().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> train(config)));
  }

  private static void train(ModelConfig config) {
    try (Device device = new PlainDevice();
        LanguageModel model = model(device, config, DType.BF16, 3);
        TrainingPass pass = pass(model)) {
      pass.run(true);
      for (ParameterSpec spec : model.parameters().table().specs()) {
        Tensor gradient = model.parameters().parameter(spec.name()).gradientOrNull();
        assertThat(largest(device.transfer().readFloats(gradient)))
            .as("gradient of " + spec.name())
            .isFinite()
            .isGreaterThan(0);
      }
      moveMemory(model, pass);
      assertThat(loss(pass)).isCloseTo(lossInSinglePrecision(config), Offset.offset(LOSS));
    }
  }

  private static void moveMemory(LanguageModel model, TrainingPass pass) {
    Optional<EmaUpdater> ema = model.emaUpdater(model.config().ema().build());
    ema.ifPresent(
        updater -> {
          assertThat(updater.update(pass.selections(1, true)).entriesTouched()).isPositive();
          updater.close();
        });
  }

  private static double lossInSinglePrecision(ModelConfig config) {
    try (Device device = new PlainDevice();
        LanguageModel model = model(device, config, DType.F32, 3);
        TrainingPass pass = pass(model)) {
      pass.run(false);
      return loss(pass);
    }
  }

  @TestFactory
  Stream<DynamicTest> logitsOfEverySystem() {
    return TinyModels.all().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> infer(config)));
  }

  /**
   * Where two entries score alike, rounding may choose the other one, which moves logits at will:
   * one of a few draws must be free of that, and all of them would be wrong if a path were.
   */
  private static void infer(ModelConfig config) {
    double best = Double.POSITIVE_INFINITY;
    for (int seed = 1; seed <= DRAWS && !(best <= LOGITS); seed++) {
      float[] expected = logits(config, DType.F32, seed);
      float[] found = logits(config, DType.BF16, seed);
      double error = 0;
      for (int i = 0; i < found.length; i++) {
        error = Math.max(error, Math.abs((double) found[i] - expected[i]));
      }
      best = Math.min(best, error / (2 * largest(expected)));
    }
    assertThat(best).isLessThanOrEqualTo(LOGITS);
  }

  private static float[] logits(ModelConfig config, DType type, long seed) {
    try (Device device = new PlainDevice();
        LanguageModel model = model(device, config, type, seed);
        Tape tape = Tape.notRecording(device);
        Tensor ids =
            device.allocate(
                MemoryTag.ACTIVATIONS, DType.I32, TinyModels.BATCH, TinyModels.SEQUENCE)) {
      device.transfer().writeInts(TinyModels.ids(1), ids);
      LayerContext context =
          LayerContext.evaluation(
              tape, TinyModels.BATCH, TinyModels.SEQUENCE, SelectionObserver.NONE);
      return Tensors.floats(model.logits(tape, model.hidden(context, ids)).value());
    }
  }

  @Test
  void aCheckpointIsInSinglePrecisionAndLoadsInBoth() throws Exception {
    ModelConfig config = TinyModels.of(PublishedSystem.EMA_VECTOR);
    try (Device device = new PlainDevice();
        LanguageModel model = model(device, config, DType.BF16, 5)) {
      model.save(folder);
      ModelOptions half = ModelOptions.evaluation().withComputeType(DType.BF16);
      try (LanguageModel loaded = LanguageModel.load(device, folder, half);
          LanguageModel wide = LanguageModel.load(device, folder)) {
        assertThat(Tensors.floats(loaded.embeddings().value()))
            .isEqualTo(Tensors.floats(model.embeddings().value()));
        assertThat(Tensors.floats(wide.embeddings().value()))
            .isEqualTo(Tensors.floats(model.embeddings().master()));
        try (Decoder decoder = new Decoder(loaded);
            Decoder again = new Decoder(model)) {
          assertThat(decoder.append(1, 2, 3)).isEqualTo(again.append(1, 2, 3));
        }
      }
    }
  }

  @Test
  void aDeviceWithoutTheTypeSaysWhatItHas() {
    ModelConfig config = TinyModels.of(PublishedSystem.ORIGINAL);
    try (Device device = Devices.discover().open(Optional.of("cpu"))) {
      assertThatThrownBy(() -> model(device, config, DType.BF16, 1))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("dtype is bf16")
          .hasMessageContaining("device cpu")
          .hasMessageEndingWith("supports: f32");
    }
  }

  private static LanguageModel model(Device device, ModelConfig config, DType type, long seed) {
    return LanguageModel.create(
        device, config, ModelOptions.training().withComputeType(type), seed);
  }

  private static TrainingPass pass(LanguageModel model) {
    TrainingPass pass = new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f);
    pass.load(TinyModels.ids(1), TinyModels.targets(2));
    TinyModels.read(model, pass);
    return pass;
  }

  private static double loss(TrainingPass pass) {
    Device device = pass.crossEntropy().device();
    return (double) device.transfer().readFloats(pass.crossEntropy())[0]
        + device.transfer().readFloats(pass.balanceLoss())[0];
  }

  /** The largest magnitude; NaN if any value is. */
  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
