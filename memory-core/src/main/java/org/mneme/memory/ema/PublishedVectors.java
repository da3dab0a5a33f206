// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Tensor;
import org.mneme.memory.VectorCodebook;

/** v ← γv + (1−γ)f̄. */
final class PublishedVectors implements EntryRule {
  private final Tensor bank;
  private final float keep;
  private final FeatureMeans features;

  PublishedVectors(VectorCodebook codebook, double decay, int chunkRows) {
    this.bank = codebook.bank();
    this.keep = (float) decay;
    this.features = new FeatureMeans(codebook.device(), chunkRows, codebook.width(), null);
  }

  @Override
  public void move(Chunk chunk) {
    Tensor means = features.of(chunk, 0);
    bank.device().memory().blendRows(means, chunk.entries(), keep, bank);
  }

  @Override
  public void close() {
    features.close();
  }
}
