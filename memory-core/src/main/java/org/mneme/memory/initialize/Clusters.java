// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.SplittableRandom;
import org.mneme.compute.Closer;
import org.mneme.compute.Tensor;

/** Points divided among clusters, each with the mean of its points. */
interface Clusters extends AutoCloseable {
  /** Up to so many clusters are found by comparing every point with every centroid. */
  int FLAT = 4096;

  /**
   * Clusters points: all at once, or, if there are many clusters, in two levels.
   *
   * @param points [P, W] F32, P ≥ {@code clusters}
   * @param iterations of Lloyd's algorithm at most, on each level
   */
  static Clusters of(Tensor points, int clusters, int iterations, SplittableRandom random) {
    if (clusters <= FLAT) {
      return Closer.initialized(new KMeans(points, clusters, random), flat -> flat.run(iterations));
    }
    return Closer.initialized(
        new TwoLevelKMeans(points, clusters, random), levels -> levels.run(iterations));
  }

  /** [clusters, W] F32. */
  Tensor centroids();

  /** The cluster of each point [P] I32. */
  Tensor assignment();

  @Override
  void close();
}
