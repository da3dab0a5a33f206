// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * k-means in two levels: points are divided among about √k groups, and each group among its share
 * of the k clusters. A point is compared with about 2√k centroids and not with k, so that a million
 * clusters cost what a few thousand do. Clusters do not reach over the borders of groups.
 */
final class TwoLevelKMeans implements Clusters {
  private final Device device;
  private final Tensor points;
  private final int clusters;
  private final SplittableRandom random;
  private final Tensor centroids;
  private final Tensor assignment;
  private final int[] clusterOf;
  private final Closer closer = new Closer();

  /**
   * Prepares to cluster.
   *
   * @param points [P, W] F32, P ≥ {@code clusters}
   */
  TwoLevelKMeans(Tensor points, int clusters, SplittableRandom random) {
    this.device = points.device();
    this.points = points;
    this.clusters = clusters;
    this.random = random;
    this.clusterOf = new int[Math.toIntExact(points.shape().extent(0))];
    long width = points.shape().columns();
    try {
      this.centroids = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.F32, clusters, width));
      this.assignment =
          closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, clusterOf.length));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  void run(int iterations) {
    int[][] groups = groups(iterations);
    int[] shares = shares(Arrays.stream(groups).mapToInt(group -> group.length).toArray());
    int first = 0;
    for (int group = 0; group < groups.length; group++) {
      if (shares[group] > 0) {
        refine(groups[group], first, shares[group], iterations);
        first += shares[group];
      }
    }
    device.transfer().writeInts(clusterOf, assignment);
  }

  /** The points of each group, ascending. */
  private int[][] groups(int iterations) {
    int count = (int) Math.round(Math.sqrt(clusters));
    int[] groupOf;
    try (KMeans coarse = new KMeans(points, count, random)) {
      coarse.run(iterations);
      groupOf = device.transfer().readInts(coarse.assignment());
    }
    int[] sizes = new int[count];
    for (int group : groupOf) {
      sizes[group]++;
    }
    int[][] groups = new int[count][];
    Arrays.setAll(groups, group -> new int[sizes[group]]);
    int[] filled = new int[count];
    for (int point = 0; point < groupOf.length; point++) {
      int group = groupOf[point];
      groups[group][filled[group]++] = point;
    }
    return groups;
  }

  /**
   * How many clusters each group gets: one if it has a point, and of the others a number in
   * proportion to its further points, so that no group has more clusters than points.
   */
  private int[] shares(int[] sizes) {
    int filled = (int) Arrays.stream(sizes).filter(size -> size > 0).count();
    long further = Arrays.stream(sizes).asLongStream().sum() - filled;
    long left = clusters - (long) filled;
    int[] shares = new int[sizes.length];
    long before = 0;
    for (int group = 0; group < sizes.length; group++) {
      if (sizes[group] > 0) {
        // Differences of rounded running sums add up to what there is.
        long upTo = before + sizes[group] - 1;
        long to = further == 0 ? 0 : left * upTo / further;
        long from = further == 0 ? 0 : left * before / further;
        shares[group] = Math.toIntExact(1 + to - from);
        before = upTo;
      }
    }
    return shares;
  }

  private void refine(int[] members, int first, int share, int iterations) {
    long width = points.shape().columns();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, members.length);
        Tensor rows = device.allocate(MemoryTag.WORKSPACE, DType.F32, members.length, width)) {
      device.transfer().writeInts(members, index);
      device.memory().gatherRows(points, index, rows);
      try (KMeans fine = new KMeans(rows, share, random)) {
        fine.run(iterations);
        device.transfer().copy(fine.centroids(), centroids.rows(first, (long) first + share));
        int[] within = device.transfer().readInts(fine.assignment());
        for (int i = 0; i < members.length; i++) {
          clusterOf[members[i]] = first + within[i];
        }
      }
    }
  }

  @Override
  public Tensor centroids() {
    return centroids;
  }

  @Override
  public Tensor assignment() {
    return assignment;
  }

  @Override
  public void close() {
    closer.close();
  }
}
