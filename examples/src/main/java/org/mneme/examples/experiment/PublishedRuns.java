// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import org.mneme.model.config.PublishedSystem;
import org.mneme.train.DataConfig;
import org.mneme.train.RunConfig;
import org.mneme.train.TrainConfig;
import org.mneme.train.TrainConfigBuilder;
import org.mneme.train.data.BatchConfig;

/** The published experiments as configurations, with the hyper-parameters of their records. */
public final class PublishedRuns {
  private PublishedRuns() {}

  /**
   * The configuration of an experiment at full size: dim 512, 8 layers, 32 heads, sequence 512,
   * vocabulary 6,400; AdamW at 2e-4, clip 1.0, 3 epochs, one padded document a sequence.
   */
  public static RunConfig of(PublishedSystem system) {
    return new RunConfig(system.config().build(), training(system), data());
  }

  private static TrainConfig training(PublishedSystem system) {
    TrainConfigBuilder builder =
        TrainConfig.builder().learningRate(2e-4).warmupIters(0).gradClip(1.0).epochs(3);
    // 1.4.6 is the one record with these two; the others are those of 1.4.2's.
    return system == PublishedSystem.EMA_TOKEN
        ? builder.batchSize(48).accumulationSteps(12).logInterval(100).build()
        : builder.batchSize(64).accumulationSteps(8).logInterval(1).saveInterval(10_000).build();
  }

  private static DataConfig data() {
    return DataConfig.builder().packing(BatchConfig.Form.PADDED).build();
  }
}
