// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import org.mneme.compute.UserException;

/**
 * How to cluster.
 *
 * @param iterations of Lloyd's algorithm at most, at least 1; it ends when no point moves
 * @param sample points to cluster at most, drawn by chance, at least 1
 * @param seed of the sample, the first centroids and the new ones for empty clusters
 */
public record KMeansConfig(int iterations, int sample, long seed) {
  /** Checks ranges. */
  public KMeansConfig {
    if (iterations < 1 || sample < 1) {
      throw new UserException(
          "k-means iterations and sample: found "
              + iterations
              + " and "
              + sample
              + ", wanted >= 1");
    }
  }
}
