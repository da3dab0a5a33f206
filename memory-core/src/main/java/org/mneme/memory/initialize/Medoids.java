// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.Arrays;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/** The point of each cluster that is nearest to its centroid. */
final class Medoids {
  private static final int READ_ROWS = 8192;

  private final int width;
  private final float[] centroids;
  private final int[] clusterOf;
  private final int[] nearest;
  private final double[] distances;

  private Medoids(KMeans means, int clusters) {
    Device device = means.centroids().device();
    this.width = Math.toIntExact(means.centroids().shape().columns());
    this.centroids = device.transfer().readFloats(means.centroids());
    this.clusterOf = device.transfer().readInts(means.assignment());
    this.nearest = new int[clusters];
    this.distances = new double[clusters];
    Arrays.fill(nearest, -1);
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
  }

  /** Distinct points, one for each cluster; an empty cluster gets the first that is left. */
  static int[] of(Tensor points, KMeans means, int clusters) {
    Medoids medoids = new Medoids(means, clusters);
    long count = points.shape().extent(0);
    for (long from = 0; from < count; from += READ_ROWS) {
      Tensor rows = points.rows(from, Math.min(count, from + READ_ROWS));
      medoids.offer((int) from, rows.device().transfer().readFloats(rows));
    }
    return medoids.filled();
  }

  private void offer(int first, float[] values) {
    for (int row = 0; row < values.length / width; row++) {
      int cluster = clusterOf[first + row];
      double distance = 0;
      for (int i = 0; i < width; i++) {
        double difference = values[row * width + i] - centroids[cluster * width + i];
        distance += difference * difference;
      }
      if (distance < distances[cluster]) {
        distances[cluster] = distance;
        nearest[cluster] = first + row;
      }
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
