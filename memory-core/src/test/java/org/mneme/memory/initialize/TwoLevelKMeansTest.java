// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mneme.compute.Tensor;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.VectorCodebook;

class TwoLevelKMeansTest extends DeviceTest {
  private static final int WIDTH = 4;

  private float[] points(int count) {
    Random random = new Random(count);
    float[] values = new float[count * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** The mean squared distance of the points to the centroids of their clusters. */
  private double distortion(float[] points, Clusters clusters) {
    float[] centroids = device.transfer().readFloats(clusters.centroids());
    int[] cluster = device.transfer().readInts(clusters.assignment());
    double sum = 0;
    for (int i = 0; i < points.length; i++) {
      double difference = points[i] - centroids[cluster[i / WIDTH] * WIDTH + i % WIDTH];
      sum += difference * difference;
    }
    return sum / cluster.length;
  }

  @Test
  void isNearlyAsGoodAsComparingAllWithAll() {
    float[] values = points(8000);
    Tensor points = floats(values, 8000, WIDTH);
    try (KMeans flat = new KMeans(points, 400, new SplittableRandom(1));
        TwoLevelKMeans levels = new TwoLevelKMeans(points, 400, new SplittableRandom(1))) {
      flat.run(6);
      levels.run(6);
      assertThat(distortion(values, levels)).isLessThan(1.15 * distortion(values, flat));
    }
  }

  @Test
  void centroidsAreTheMeansOfTheirPoints() {
    float[] values = points(3000);
    try (TwoLevelKMeans levels =
        new TwoLevelKMeans(floats(values, 3000, WIDTH), 150, new SplittableRandom(2))) {
      levels.run(5);
      float[] centroids = device.transfer().readFloats(levels.centroids());
      int[] cluster = device.transfer().readInts(levels.assignment());
      double[] sums = new double[150 * WIDTH];
      int[] sizes = new int[150];
      for (int i = 0; i < values.length; i++) {
        sums[cluster[i / WIDTH] * WIDTH + i % WIDTH] += values[i];
        sizes[cluster[i / WIDTH]] += i % WIDTH == 0 ? 1 : 0;
      }
      assertThat(Arrays.stream(sizes).filter(size -> size > 0).count()).isGreaterThan(140);
      for (int i = 0; i < sums.length; i++) {
        if (sizes[i / WIDTH] > 0) {
          assertThat(centroids[i] * sizes[i / WIDTH] - sums[i]).isBetween(-1e-3, 1e-3);
        }
      }
    }
  }

  @Test
  void asManyClustersAsPointsGiveEachPointItsOwn() {
    float[] values = points(100);
    try (TwoLevelKMeans levels =
        new TwoLevelKMeans(floats(values, 100, WIDTH), 100, new SplittableRandom(3))) {
      levels.run(3);
      assertThat(distortion(values, levels)).isLessThan(1e-9);
    }
  }

  @Test
  void identicalPointsFillOneGroupAndAllClusters() {
    Tensor points = floats(new float[500 * WIDTH], 500, WIDTH);
    try (TwoLevelKMeans levels = new TwoLevelKMeans(points, 64, new SplittableRandom(4))) {
      levels.run(3);
      int[] cluster = device.transfer().readInts(levels.assignment());
      assertThat(IntStream.of(cluster)).allMatch(c -> c >= 0 && c < 64);
      assertThat(device.transfer().readFloats(levels.centroids())).containsOnly(0f);
    }
  }

  @Test
  void sixtyFiveThousandEntriesAreFilledAndFollowTheSeed() {
    int entries = 1 << 16;
    Tensor points = floats(points(2 * entries), 2L * entries, WIDTH);
    float[] first = entries(points, entries, 1);
    assertThat(first).doesNotContain(Float.NaN);
    assertThat(entries(points, entries, 1)).isEqualTo(first);
    assertThat(entries(points, entries, 2)).isNotEqualTo(first);
    long distinct =
        IntStream.range(0, entries)
            .mapToObj(e -> Arrays.toString(Arrays.copyOfRange(first, e * WIDTH, e * WIDTH + WIDTH)))
            .distinct()
            .count();
    assertThat(distinct).isGreaterThan(entries * 95L / 100);
  }

  private float[] entries(Tensor points, int entries, long seed) {
    try (VectorCodebook codebook = VectorCodebook.allocate(device, entries, WIDTH)) {
      KMeansEntries.vectors(codebook, points, new KMeansConfig(3, 2 * entries, seed));
      return device.transfer().readFloats(codebook.bank());
    }
  }
}
