// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.config.PublishedSystem;

/** The loss is the weighted mean over targets, however they are spread over micro-batches. */
class TargetWeightsTest extends OnDevice {
  private static final int[] IDS = TinyModels.ids(1);
  private static final int[] TARGETS = TinyModels.targets(2);
  private static final int TOKEN = TARGETS[3];
  private static final double WEIGHT = 5;

  private static LanguageModel model;

  @BeforeAll
  static void open() {
    model = LanguageModel.create(device, TinyModels.of(PublishedSystem.ORIGINAL), 3);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void aWeightedLossIsTheWeightedMean() {
    double sum = 0;
    double total = 0;
    float[] losses = new TokenLosses(model).of(IDS, TARGETS, TinyModels.BATCH, TinyModels.SEQUENCE);
    for (int i = 0; i < losses.length; i++) {
      double weight = TARGETS[i] == TOKEN ? WEIGHT : 1;
      sum += weight * losses[i];
      total += TARGETS[i] == TrainingPass.MASKED ? 0 : weight;
    }
    TargetWeights weights = new TargetWeights(TOKEN, WEIGHT);
    assertThat(weights.sum(TARGETS)).isEqualTo(total);
    Outcome found = run(weights, total, TARGETS);
    assertThat(found.loss).isCloseTo(sum / total, within(1e-5));
  }

  @Test
  void partsOfABatchAddUpToIt() {
    TargetWeights weights = new TargetWeights(TOKEN, WEIGHT);
    double total = weights.sum(TARGETS);
    int[] some = masked(i -> TARGETS[i] == TOKEN || i % 3 == 0);
    int[] others = masked(i -> !(TARGETS[i] == TOKEN || i % 3 == 0));
    Outcome whole = run(weights, total, TARGETS);
    Outcome parts = run(weights, total, some, others);
    assertThat(parts.loss).isCloseTo(whole.loss, within(1e-5));
    for (int i = 0; i < whole.gradient.length; i++) {
      assertThat(parts.gradient[i]).isCloseTo(whole.gradient[i], within(1e-6f));
    }
  }

  @Test
  void aHeavierTokenPullsHarder() {
    int[] tokens = masked(i -> TARGETS[i] == TOKEN);
    int[] rest = masked(i -> TARGETS[i] != TOKEN);
    Outcome token = run(TargetWeights.EQUAL, 1, tokens);
    Outcome others = run(TargetWeights.EQUAL, 1, rest);
    TargetWeights weights = new TargetWeights(TOKEN, WEIGHT);
    double total = weights.sum(TARGETS);
    Outcome weighted = run(weights, total, TARGETS);
    for (int i = 0; i < weighted.gradient.length; i++) {
      double expected = (WEIGHT * token.gradient[i] + others.gradient[i]) / total;
      assertThat((double) weighted.gradient[i]).isCloseTo(expected, within(1e-6));
    }
  }

  @Test
  void equalWeightsAreTheMeanOverTargets() {
    Outcome equal = run(TargetWeights.EQUAL, TargetWeights.EQUAL.sum(TARGETS), TARGETS);
    Outcome one = run(new TargetWeights(TOKEN, 1), TargetWeights.EQUAL.sum(TARGETS), TARGETS);
    assertThat(one.gradient).isEqualTo(equal.gradient);
    try (TrainingPass pass = pass()) {
      device.transfer().fill(model.parameters().gradients(), 0);
      pass.load(IDS, TARGETS);
      pass.run(false);
      assertThat(device.transfer().readFloats(model.parameters().gradients()))
          .isEqualTo(equal.gradient);
    }
  }

  @Test
  void weightsOutOfRangeAndNoTargetsAreRefused() {
    assertThatThrownBy(() -> new TargetWeights(3, -1)).hasMessageContaining("weight is -1.0");
    int[] none = masked(i -> false);
    try (TrainingPass pass = pass()) {
      assertThatThrownBy(() -> pass.load(IDS, none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("all positions are masked");
    }
  }

  /** The targets with all others masked. */
  private static int[] masked(IntPredicate kept) {
    int[] targets = TARGETS.clone();
    for (int i = 0; i < targets.length; i++) {
      targets[i] = kept.test(i) ? targets[i] : TrainingPass.MASKED;
    }
    return targets;
  }

  private static Outcome run(TargetWeights weights, double total, int[]... parts) {
    device.transfer().fill(model.parameters().gradients(), 0);
    try (TrainingPass pass = pass()) {
      Arrays.stream(parts)
          .forEach(
              targets -> {
                pass.load(IDS, targets, weights, total);
                pass.run(false);
              });
      return new Outcome(
          device.transfer().readFloats(pass.crossEntropy())[0],
          device.transfer().readFloats(model.parameters().gradients()));
    }
  }

  private static TrainingPass pass() {
    return new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f);
  }

  private record Outcome(double loss, float[] gradient) {}
}
