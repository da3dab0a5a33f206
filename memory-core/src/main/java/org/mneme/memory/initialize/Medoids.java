// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** The point of each cluster that is nearest to its centroid. */
final class Medoids {
  private static final int READ_ROWS = 8192;

  private final int width;
  private final Clusters means;
  private final int[] clusterOf;
  private final int[] nearest;
  private final double[] distances;

  private Medoids(Clusters means, int clusters) {
    Device device = means.centroids().device();
    this.width = Math.toIntExact(means.centroids().shape().columns());
    this.means = means;
    this.clusterOf = device.transfer().readInts(means.assignment());
    this.nearest = new int[clusters];
    this.distances = new double[clusters];
    Arrays.fill(nearest, -1);
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
  }

  /** Distinct points, one for each cluster; an empty cluster gets the first that is left. */
  static int[] of(Tensor points, Clusters means, int clusters) {
    Medoids medoids = new Medoids(means, clusters);
    long count = points.shape().extent(0);
    for (long from = 0; from < count; from += READ_ROWS) {
      medoids.offer(points, from, Math.min(count, from + READ_ROWS));
    }
    return medoids.filled();
  }

  /** Compares points with the centroids of their clusters, of which only these are on the host. */
  private void offer(Tensor points, long from, long to) {
    Device device = points.device();
    try (Tensor own = device.allocate(MemoryTag.WORKSPACE, DType.F32, to - from, width)) {
      device.memory().gatherRows(means.centroids(), means.assignment().rows(from, to), own);
      float[] values = device.transfer().readFloats(points.rows(from, to));
      float[] centroids = device.transfer().readFloats(own);
      for (int row = 0; row < to - from; row++) {
        offer((int) from + row, distance(values, centroids, row));
      }
    }
  }

  private double distance(float[] values, float[] centroids, int row) {
    double distance = 0;
    for (int i = row * width; i < (row + 1) * width; i++) {
      double difference = values[i] - centroids[i];
      distance += difference * difference;
    }
    return distance;
  }

  private void offer(int point, double distance) {
    int cluster = clusterOf[point];
    if (distance < distances[cluster]) {
      distances[cluster] = distance;
      nearest[cluster] = point;
    }
  }

  private int[] filled() {
    boolean[] taken = new boolean[clusterOf.length];
    for (int point : nearest) {
      if (point >= 0) {
        taken[point] = true;
      }
    }
    int next = 0;
    for (int cluster = 0; cluster < nearest.length; cluster++) {
      if (nearest[cluster] < 0) {
        while (taken[next]) {
          next++;
        }
        nearest[cluster] = next;
        taken[next] = true;
      }
    }
    return nearest;
  }
}
