// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.TokenLosses;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.Batches;

class ValidationLossTest extends TinyTest {
  private static RunConfig padded() {
    RunConfig run = tiny.run(tiny.model(PublishedSystem.BESIDE).build(), Tiny.train().build());
    DataConfig data =
        run.data().toBuilder().packing(BatchConfig.Form.PADDED).validationFraction(0.3).build();
    return new RunConfig(run.model(), run.train(), data);
  }

  @Test
  void isTheMeanOverTargetsAndCountsNoPadding() {
    RunConfig run = padded();
    Batches heldOut = tiny.data(run).validation().orElseThrow();
    try (LanguageModel model = tiny.create(run);
        ValidationLoss validation = new ValidationLoss(model, heldOut, 0)) {
      double sum = 0;
      int targets = 0;
      int positions = 0;
      for (BatchIterator batches = heldOut.once(); batches.hasNext(); ) {
        Batch batch = batches.next();
        float[] losses = new TokenLosses(model).of(batch.inputIds(), batch.targets(), 4, 16);
        for (int i = 0; i < losses.length; i++) {
          positions++;
          if (batch.targets()[i] != Batch.MASKED) {
            sum += losses[i];
            targets++;
          }
        }
      }
      assertThat(targets).isLessThan(positions);
      ValidationLoss.Result result = validation.evaluate();
      assertThat(result.targets()).isEqualTo(targets);
      assertThat(result.loss()).isCloseTo(sum / targets, within(1e-9));
      assertThat(result.perplexity()).isCloseTo(Math.exp(sum / targets), within(1e-6));
      UsageStatistics usage = result.usage().orElseThrow();
      // Two layers with four heads of four slots each.
      assertThat(usage.selections()).isEqualTo(targets * 2L * 4 * 4);
    }
  }

  @Test
  void isTheSameEveryTimeAndLeavesNothingBehind() {
    RunConfig run = padded();
    Batches heldOut = tiny.data(run).validation().orElseThrow();
    try (LanguageModel model = tiny.create(run);
        ValidationLoss validation = new ValidationLoss(model, heldOut, 2)) {
      ValidationLoss.Result first = validation.evaluate();
      assertThat(validation.evaluate()).isEqualTo(first);
      assertThat(first.targets()).isLessThanOrEqualTo(2 * 4 * 16);
    }
  }
}
