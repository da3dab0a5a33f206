// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.parameters.ParameterSpec;

/** A fusion layer that the library does not know: {@code docs/adding-a-fusion-layer.md}. */
class CustomFusionTest extends OnDevice {
  private static final AdamWSettings ADAM_W = new AdamWSettings(0.9f, 0.999f, 1e-8f, 0f);
  private static final float LEARNING_RATE = 0.01f;

  private final ModelConfig config = TinyModels.of(PublishedSystem.EMA_TOKEN);

  @Test
  void everyParameterGetsAGradientAndTwoStepsLowerTheLoss() {
    ModelOptions options = ModelOptions.training().withFusion(new GatedSumFusion.Factory());
    try (LanguageModel model = LanguageModel.create(device, config, options, 5);
        TrainingPass pass = new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f)) {
      pass.load(TinyModels.ids(7), TinyModels.targets(8));
      List<Float> losses = new ArrayList<>();
      for (int step = 1; step <= 2; step++) {
        losses.add(gradients(model, pass));
        checkGradients(model);
        update(model);
      }
      losses.add(gradients(model, pass));

      assertThat(losses.get(1)).isLessThan(losses.get(0));
      assertThat(losses.get(2)).isLessThan(losses.get(1));
    }
  }

  @Test
  void aCheckpointNeedsTheSameFusionToBeLoaded(@TempDir Path directory) throws IOException {
    GatedSumFusion.Factory fusion = new GatedSumFusion.Factory();
    float[] saved;
    ModelOptions training = ModelOptions.training().withFusion(fusion);
    try (LanguageModel model = LanguageModel.create(device, config, training, 5)) {
      model.save(directory);
      saved = losses(model);
    }
    ModelOptions evaluation = ModelOptions.evaluation().withFusion(fusion);
    try (LanguageModel model = LanguageModel.load(device, directory, evaluation)) {
      assertThat(losses(model)).isEqualTo(saved);
    }
    assertThatThrownBy(() -> LanguageModel.load(device, directory).close())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("memory_fusion");
  }

  private static float gradients(LanguageModel model, TrainingPass pass) {
    device.transfer().fill(model.parameters().gradients(), 0);
    pass.resetLosses();
    pass.run(false);
    return device.transfer().readFloats(pass.crossEntropy())[0];
  }

  private void checkGradients(LanguageModel model) {
    for (int layer = 0; layer < config.nLayers(); layer++) {
      for (ParameterSpec spec : new GatedSumFusion.Factory().parameters(layer, config)) {
        Tensor gradient = model.parameters().parameter(spec.name()).gradient().orElseThrow();
        assertThat(largest(device.transfer().readFloats(gradient)))
            .as("largest gradient of %s", spec.name())
            .isGreaterThan(1e-9f);
      }
    }
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** The first step of AdamW, again and again: enough to go downhill. */
  private static void update(LanguageModel model) {
    try (Tensor first = model.parameters().allocateMoments();
        Tensor second = model.parameters().allocateMoments();
        Tensor schedule = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 3);
        Tensor factor = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 1)) {
      device.transfer().writeFloats(new float[] {LEARNING_RATE, 0.1f, 0.001f}, schedule);
      device.transfer().fill(factor, 1);
      device
          .optimizer()
          .adamW(
              model.parameters().values(),
              model.parameters().gradients(),
              first,
              second,
              null,
              ADAM_W,
              schedule,
              factor);
    }
  }

  private static float[] losses(LanguageModel model) {
    return new TokenLosses(model)
        .of(TinyModels.ids(7), TinyModels.targets(8), TinyModels.BATCH, TinyModels.SEQUENCE);
  }
}
