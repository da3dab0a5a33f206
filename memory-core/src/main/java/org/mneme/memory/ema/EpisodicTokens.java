// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Objects;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.random.Seeds;

/**
 * With probability 1−γ an entry takes the tokens that followed one of its selections. One operation
 * moves all groups, so that its chunk is the whole batch.
 */
final class EpisodicTokens implements EntryRule {
  private static final String STREAM = "memory.episodic";

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
            Seeds.of(config.seed(), STREAM, batch.updateNumber()),
            bank);
  }

  @Override
  public void close() {}
}
