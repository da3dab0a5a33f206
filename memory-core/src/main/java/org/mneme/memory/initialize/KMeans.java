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
 * Lloyd's algorithm on a device, from distinct random points, the same for the same seed. A cluster
 * that loses all its points starts again at a random one.
 */
final class KMeans implements Clusters {
  private static final int CHUNK_ROWS = 4096;

  private final Device device;
  private final Tensor points;
  private final int clusters;
  private final int count;
  private final SplittableRandom random;
  private final NearestRow nearest;
  private final Tensor centroids;
  private final Tensor assignment;
  private final Closer closer = new Closer();

  /**
   * Prepares to cluster.
   *
   * @param points [P, W] F32, P ≥ {@code clusters}
   */
  KMeans(Tensor points, int clusters, SplittableRandom random) {
    this.device = points.device();
    this.points = points;
    this.clusters = clusters;
    this.count = Math.toIntExact(points.shape().extent(0));
    this.random = random;
    long width = points.shape().columns();
    try {
      this.centroids = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.F32, clusters, width));
      this.assignment = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, count));
      int queries = Math.min(count, CHUNK_ROWS);
      this.nearest = closer.add(new NearestRow(device, clusters, queries, Math.toIntExact(width)));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** Clusters; the centroids are then the means of the points of {@link #assignment}. */
  void run(int iterations) {
    int[] all = new int[clusters];
    Arrays.setAll(all, i -> i);
    startAt(all, Draws.distinct(clusters, count, random));
    int[] before = null;
    for (int iteration = 0; iteration < iterations; iteration++) {
      int[] now = assign();
      if (Arrays.equals(before, now)) {
        return;
      }
      moveCentroids();
      if (iteration < iterations - 1) {
        restartEmpty(now);
      }
      before = now;
    }
  }

  private int[] assign() {
    nearest.rows(centroids);
    for (int from = 0; from < count; from += CHUNK_ROWS) {
      int to = Math.min(count, from + CHUNK_ROWS);
      nearest.find(points.rows(from, to), assignment.rows(from, to));
    }
    return device.transfer().readInts(assignment);
  }

  private void moveCentroids() {
    try (Tensor order = device.allocate(MemoryTag.WORKSPACE, DType.I32, count);
        Tensor entries = device.allocate(MemoryTag.WORKSPACE, DType.I32, count);
        Tensor starts = device.allocate(MemoryTag.WORKSPACE, DType.I32, count + 1L);
        Tensor means =
            device.allocate(MemoryTag.WORKSPACE, DType.F32, CHUNK_ROWS, points.shape().columns());
        Tensor sizes = device.allocate(MemoryTag.WORKSPACE, DType.F32, CHUNK_ROWS)) {
      int groups = device.memory().groupSelections(assignment, clusters, 0, order, entries, starts);
      for (int first = 0; first < groups; first += CHUNK_ROWS) {
        int size = Math.min(CHUNK_ROWS, groups - first);
        Tensor rows = means.rows(0, size);
        device
            .memory()
            .scatterMean(points, null, order, starts, first, 1, 1, 0, rows, sizes.rows(0, size));
        device.memory().scatterRows(rows, entries.rows(first, (long) first + size), centroids);
      }
    }
  }

  private void restartEmpty(int[] clusterOf) {
    boolean[] filled = new boolean[clusters];
    for (int cluster : clusterOf) {
      filled[cluster] = true;
    }
    int[] empty = new int[clusters];
    int found = 0;
    for (int cluster = 0; cluster < clusters; cluster++) {
      if (!filled[cluster]) {
        empty[found++] = cluster;
      }
    }
    if (found > 0) {
      startAt(Arrays.copyOf(empty, found), Draws.distinct(found, count, random));
    }
  }

  private void startAt(int[] which, int[] sources) {
    long width = points.shape().columns();
    try (Tensor from = device.allocate(MemoryTag.WORKSPACE, DType.I32, sources.length);
        Tensor to = device.allocate(MemoryTag.WORKSPACE, DType.I32, which.length);
        Tensor rows = device.allocate(MemoryTag.WORKSPACE, DType.F32, which.length, width)) {
      device.transfer().writeInts(sources, from);
      device.transfer().writeInts(which, to);
      device.memory().gatherRows(points, from, rows);
      device.memory().scatterRows(rows, to, centroids);
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
