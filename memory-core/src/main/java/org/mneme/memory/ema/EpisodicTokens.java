// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Objects;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;

/**
 * With probability 1−γ an entry takes the tokens that followed one of its selections. One operation
 * moves all groups, so that its chunk is the whole batch.
 */
final class EpisodicTokens implements EntryRule {
  /** Odd, from the golden ratio, so that the seeds of successive updates share no pattern. */
  private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

  private final Tensor bank;
  private final EmaConfig config;

  EpisodicTokens(TokenCodebook codebook, EmaConfig config) {
    this.bank = codebook.bank();
    this.config = config;
  }

  @Override
  public void begin(EmaBatch batch, Selections selections) {
    Objects.requireNonNull(batch.inputIds(), "inputIds: ema_rule episodic copies from them");
  }

  @Override
  public void move(Chunk chunk) {
    EmaBatch batch = chunk.batch();
    bank.device()
        .memory()
        .episodicTokens(
            chunk.selections().order(),
            chunk.selections().entries(),
            chunk.selections().starts(),
            chunk.size(),
            batch.inputIds(),
            batch.slots(),
            (float) (1 - config.decay()),
            config.excludedToken(),
            config.seed() + SEED_STEP * batch.updateNumber(),
            bank);
  }

  @Override
  public void close() {}
}
