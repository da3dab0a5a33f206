// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.Tensor;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;

class FiniteGuardTest {
  @TempDir private Path folder;

  private Tiny tiny;
  private LanguageModel model;
  private FiniteGuard guard;

  @BeforeEach
  void open() {
    tiny = new Tiny(folder);
    model =
        tiny.create(tiny.run(tiny.model(PublishedSystem.EMA_VECTOR).build(), Tiny.train().build()));
    guard = new FiniteGuard(model);
  }

  @AfterEach
  void close() {
    model.close();
    tiny.close();
  }

  private void spoil(Tensor tensor) {
    tiny.device.transfer().fill(tensor, Double.POSITIVE_INFINITY);
  }

  private Tensor gradient(String name) {
    return model.parameters().parameter(name).gradient().orElseThrow();
  }

  @Test
  void aFreshModelIsFinite() {
    assertThat(guard.weightsAreFinite()).isTrue();
    assertThat(guard.describe()).isEqualTo("all weights and gradients are finite");
  }

  @Test
  void theFirstBadWeightIsNamedBeforeAnyGradient() {
    spoil(model.parameters().master("layers.1.attention.wo.weight"));
    spoil(model.parameters().master("layers.0.attention.wq.weight"));
    spoil(gradient("norm.weight"));
    assertThat(guard.weightsAreFinite()).isFalse();
    assertThat(guard.describe())
        .isEqualTo(
            "the first tensor that is not finite is the weights of"
                + " 'layers.0.attention.wq.weight' (of 2)");
  }

  @Test
  void badEntriesAreNamed() {
    spoil(model.memory().orElseThrow().bank());
    assertThat(guard.weightsAreFinite()).isFalse();
    assertThat(guard.describe()).contains("entries of 'memory_bank' (of 1)");
  }

  @Test
  void badRunningStatisticsAreNamed() {
    RunConfig run = tiny.run(tiny.model(PublishedSystem.BESIDE).build(), Tiny.train().build());
    try (LanguageModel beside = tiny.create(run)) {
      String name = beside.buffers().tensors().keySet().iterator().next();
      spoil(beside.buffers().tensors().get(name));
      assertThat(new FiniteGuard(beside).weightsAreFinite()).isFalse();
      assertThat(new FiniteGuard(beside).describe()).contains("running statistics '" + name + "'");
    }
  }

  @Test
  void theBadGradientNearestToTheLossIsNamed() {
    spoil(gradient("tok_embeddings.weight"));
    spoil(gradient("layers.0.attention.wq.weight"));
    spoil(gradient("layers.1.memory_gate.keys"));
    assertThat(guard.weightsAreFinite()).isTrue();
    assertThat(guard.describe()).contains("gradient of 'layers.1.memory_gate.keys' (of 3)");
    spoil(gradient("norm.weight"));
    assertThat(guard.describe()).contains("gradient of 'norm.weight' (of 4)");
  }
}
