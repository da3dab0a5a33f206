// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.mneme.compute.DType;

/** Seeded inputs: signed, of varying size, and exactly representable in the dtype asked for. */
final class Numbers {
  /** Other inputs than those of the build, to measure errors on. */
  private static final long OTHER = Long.getLong("mneme.conformance.seed", 0);

  private final SplittableRandom random;

  Numbers(long seed) {
    random = new SplittableRandom(seed + 1_000_003 * OTHER);
  }

  /** Values near a normal distribution with standard deviation 1. */
  double[] values(DType dtype, int count) {
    return values(dtype, count, 1);
  }

  /** Values near a normal distribution with standard deviation {@code scale}. */
  double[] values(DType dtype, int count, double scale) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
      values[i] = Bits.round(dtype, 2 * sum * scale);
    }
    return values;
  }

  /** Values in [low, high). */
  double[] between(DType dtype, int count, double low, double high) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bits.round(dtype, low + (high - low) * random.nextDouble());
    }
    return values;
  }

  /** Small whole numbers in −limit … limit: their products and sums are exact in every dtype. */
  double[] whole(int count, int limit) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(-limit, limit + 1);
    }
    return values;
  }

  /** Rows of positive weights that add up to 1, such as a softmax gives, in F32. */
  double[] weights(int rows, int columns) {
    double[] values = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        values[i] = Math.exp(2 * random.nextDouble() - 1);
        sum += values[i];
      }
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        values[i] = Bits.round(DType.F32, values[i] / sum);
      }
    }
    return values;
  }

  /** Whole numbers in 0 … bound − 1. */
  int[] indices(int count, int bound) {
    return random.ints(count, 0, bound).toArray();
  }

  /** Different whole numbers in 0 … bound − 1, in no order. */
  int[] distinct(int count, int bound) {
    int[] all = IntStream.range(0, bound).toArray();
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i, bound);
      int kept = all[i];
      all[i] = all[other];
      all[other] = kept;
    }
    return Arrays.copyOf(all, count);
  }

  static double[] doubles(int... values) {
    return Arrays.stream(values).asDoubleStream().toArray();
  }

  static int[] ints(double[] values) {
    return Arrays.stream(values).mapToInt(value -> (int) value).toArray();
  }

  static double[] filled(int count, double value) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return values;
  }
}
