// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Iterator;

/**
 * The entropy of tokens that are predicted without any context: the loss of a model that knows how
 * often each token occurs in this very text, and nothing else. A model that has learned something
 * of the language is well below.
 */
public final class UnigramEntropy {

  private UnigramEntropy() {}

  /**
   * Returns -Σ p log p over the targets that are not masked, in nats a token.
   *
   * @param batches the batches to count, once to their end
   * @param vocabularySize number of ids
   * @throws IllegalArgumentException when there is no target, or one outside the vocabulary
   */
  public static double ofTargets(Iterator<Batch> batches, int vocabularySize) {
    long[] counts = new long[vocabularySize];
    long total = 0;
    while (batches.hasNext()) {
      Batch batch = batches.next();
      for (int target : batch.targets()) {
        if (target != Batch.MASKED) {
          checkArgument(
              target >= 0 && target < vocabularySize,
              "target %s, expected 0 to %s",
              target,
              vocabularySize - 1);
          counts[target]++;
          total++;
        }
      }
    }
    checkArgument(total > 0, "there is no target");
    return entropy(counts, total);
  }

  private static double entropy(long[] counts, long total) {
    double sum = 0;
    for (long count : counts) {
      if (count > 0) {
        double share = (double) count / total;
        sum -= share * Math.log(share);
      }
    }
    return sum;
  }
}
