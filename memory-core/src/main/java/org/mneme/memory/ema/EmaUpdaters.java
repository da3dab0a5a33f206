// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;

/** Makes updaters. */
public final class EmaUpdaters {
  private EmaUpdaters() {}

  /**
   * An updater of vector entries, whose features are gate queries of the entries' width.
   *
   * @throws org.mneme.compute.UserException if the rule or a modifier is for tokens only
   */
  public static EmaUpdater forVectors(EmaConfig config, VectorCodebook codebook) {
    config.requireVectors();
    int rows = Math.min(config.chunkRows(), codebook.entries());
    EntryRule rule =
        config.rule() == EmaRule.COUNT
            ? new CountVectors(codebook, config, rows)
            : new PublishedVectors(codebook, config.decay(), rows);
    return new GroupedUpdater(codebook, config, rows, rule);
  }

  /**
   * An updater of token entries.
   *
   * @param embeddings E [V, d], floating; the same tensor as long as the updater lives, whatever
   *     its values, and open as long
   */
  public static EmaUpdater forTokens(EmaConfig config, TokenCodebook codebook, Tensor embeddings) {
    if (config.rule() == EmaRule.EPISODIC) {
      EntryRule rule = new EpisodicTokens(codebook, config);
      return new GroupedUpdater(codebook, config, codebook.entries(), rule);
    }
    int places = config.placesOf(codebook.width());
    int groups = Math.min(Math.max(1, config.chunkRows() / places), codebook.entries());
    TokenBlend blend =
        config.rule() == EmaRule.PUBLISHED
            ? new PublishedBlend(codebook.device(), config.decay(), groups)
            : new SparseBlend(codebook, embeddings.shape(), config, groups);
    EntryRule rule = new TokenRule(codebook, embeddings, config, groups, blend);
    return new GroupedUpdater(codebook, config, groups, rule);
  }
}
