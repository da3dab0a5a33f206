// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * Seeded random numbers. The generator is counter-based, so that an element depends on the seed and
 * its index alone; distributions are tested with limits of about five standard errors, and the
 * seeds are fixed.
 */
public abstract class RandomConformance extends DeviceTestCase {
  private static final int COUNT = 40_000;

  private interface Fill {
    void apply(Tensor out);
  }

  private double[] draw(DType dtype, int count, Fill fill) {
    try (Trial trial = trial("random", dtype, count)) {
      Tensor out = trial.output("out", dtype, count);
      trial.run(() -> fill.apply(out));
      return trial.result(out);
    }
  }

  private double[] normal(int count, long seed) {
    return draw(DType.F32, count, out -> device.random().normal(out, 0f, 1f, seed));
  }

  @Test
  void normalHasItsMoments() {
    double[] x = draw(DType.F32, COUNT, out -> device.random().normal(out, 2f, 0.5f, 11));
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / COUNT;
    double fourth = Arrays.stream(x).map(v -> Math.pow(v - mean, 4)).sum() / COUNT;
    assertThat(mean).isCloseTo(2, within(0.0125));
    assertThat(variance).isCloseTo(0.25, within(0.009));
    assertThat(fourth / (variance * variance)).isCloseTo(3, within(0.15));
    long beyondTwo = Arrays.stream(x).filter(v -> Math.abs(v - 2) > 1).count();
    assertThat(beyondTwo / (double) COUNT).isCloseTo(0.0455, within(0.0055));
    assertThat(Arrays.stream(x)).allMatch(Double::isFinite);
    assertUncorrelated(x, mean, variance);
  }

  private static void assertUncorrelated(double[] x, double mean, double variance) {
    for (int lag = 1; lag <= 4; lag++) {
      double sum = 0;
      for (int i = lag; i < x.length; i++) {
        sum += (x[i] - mean) * (x[i - lag] - mean);
      }
      assertThat(sum / x.length / variance)
          .as("correlation at %d", lag)
          .isCloseTo(0, within(0.025));
    }
  }

  @Test
  void uniformFillsItsRangeEvenly() {
    double[] x = draw(DType.F32, COUNT, out -> device.random().uniform(out, -1f, 3f, 5));
    assertThat(Arrays.stream(x)).allMatch(v -> v >= -1 && v < 3);
    int[] bins = new int[16];
    Arrays.stream(x).forEach(v -> bins[(int) ((v + 1) * 4)]++);
    assertThat(Arrays.stream(bins).mapToDouble(b -> b))
        .allMatch(b -> Math.abs(b - COUNT / 16.0) < 5 * Math.sqrt(COUNT / 16.0));
    double mean = Arrays.stream(x).average().orElseThrow();
    assertUncorrelated(x, mean, 16 / 12.0);
  }

  @Test
  void uniformNeverReachesTheUpperBound() {
    float high = Math.nextUp(Math.nextUp(1f));
    double[] x = draw(DType.F32, COUNT, out -> device.random().uniform(out, 1f, high, 5));
    assertThat(Arrays.stream(x)).allMatch(v -> v >= 1 && v < high);
  }

  @Test
  void integersTakeEveryValueEvenly() {
    double[] x = draw(DType.I32, COUNT, out -> device.random().uniformInts(out, -3, 10, 99));
    assertThat(Arrays.stream(x)).allMatch(v -> v >= -3 && v < 10);
    int[] bins = new int[13];
    Arrays.stream(x).forEach(v -> bins[(int) v + 3]++);
    double expected = COUNT / 13.0;
    assertThat(Arrays.stream(bins).mapToDouble(b -> b))
        .allMatch(b -> Math.abs(b - expected) < 5 * Math.sqrt(expected));
  }

  @Test
  void integersOfTheWholeRange() {
    double[] x =
        draw(
            DType.I32,
            1000,
            out -> device.random().uniformInts(out, Integer.MIN_VALUE, Integer.MAX_VALUE, 1));
    assertThat(Arrays.stream(x).filter(v -> v < 0).count()).isBetween(400L, 600L);
    assertThat(Arrays.stream(x).distinct().count()).isGreaterThan(990);
  }

  @Test
  void anElementDependsOnSeedAndIndexAlone() {
    double[] all = normal(1031, 42);
    assertThat(normal(17, 42)).isEqualTo(Arrays.copyOf(all, 17));
    assertThat(normal(1031, 43)).isNotEqualTo(all);
    assertThat(normal(1031, 42 + (1L << 40))).isNotEqualTo(all);
    double[] scaled = draw(DType.F32, 1031, out -> device.random().normal(out, 1f, 2f, 42));
    for (int i = 0; i < all.length; i++) {
      assertThat(scaled[i]).isCloseTo(1 + 2 * all[i], within(1e-5));
    }
  }

  @Test
  void shapeMakesNoDifference() {
    double[] flat = normal(35, 7);
    try (Tensor square = device.allocate(MemoryTag.WEIGHTS, DType.F32, 5, 7)) {
      device.random().normal(square, 0f, 1f, 7);
      float[] values = device.transfer().readFloats(square);
      for (int i = 0; i < flat.length; i++) {
        assertThat(values[i]).isEqualTo((float) flat[i]);
      }
    }
  }
}
