// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;

class ProductKeyIndexTest extends DeviceTest {
  @Test
  void splitsWhatItJoins() {
    ProductKeyIndex index = ProductKeyIndex.of(49);
    assertThat(index.subKeys()).isEqualTo(7);
    for (int entry = 0; entry < 49; entry++) {
      assertThat(index.join(index.first(entry), index.second(entry))).isEqualTo(entry);
    }
    assertThat(index.join(3, 5)).isEqualTo(26);
  }

  @Test
  void reachesTheLargestSquareOfInts() {
    ProductKeyIndex index = ProductKeyIndex.of(2_147_395_600L);
    assertThat(index.join(46_339, 46_339)).isEqualTo(2_147_395_599);
    assertThatThrownBy(() -> ProductKeyIndex.of(46_341L * 46_341L))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("2147395600 (the largest)");
  }

  @Test
  void refusesWhatLiesOutside() {
    ProductKeyIndex index = new ProductKeyIndex(3);
    assertThatThrownBy(() -> index.join(3, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("first sub-key: found 3, wanted 0 to 2");
    assertThatThrownBy(() -> index.first(9)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> index.second(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** The product-key selection finds what a search through all M sums finds. */
  @Test
  void selectsWhatAnExhaustiveSearchSelects() {
    int positions = 9;
    int subKeys = 7;
    int half = 4;
    int slots = 5;
    ProductKeyIndex index = new ProductKeyIndex(subKeys);
    SplittableRandom random = new SplittableRandom(3);
    float[] queries = gaussians(positions * 2 * half, random);
    float[] keys = gaussians(2 * subKeys * half, random);
    try (Tensor indices = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions, 1, slots);
        Tensor weights = device.allocate(MemoryTag.WORKSPACE, DType.F32, positions, 1, slots)) {
      device
          .memory()
          .productKeyTopK(
              floats(queries, positions, 2L * half),
              floats(keys, 1, 2, subKeys, half),
              null,
              indices,
              weights,
              null,
              null,
              null);
      int[] found = device.transfer().readInts(indices);
      float[] shares = device.transfer().readFloats(weights);
      for (int position = 0; position < positions; position++) {
        double[] sums = sums(index, queries, keys, position, half);
        int[] best = best(sums, slots);
        int from = position * slots;
        assertThat(Arrays.copyOfRange(found, from, from + slots)).containsExactly(best);
        double total = Arrays.stream(best).mapToDouble(entry -> Math.exp(sums[entry])).sum();
        for (int slot = 0; slot < slots; slot++) {
          assertThat((double) shares[from + slot])
              .isCloseTo(Math.exp(sums[best[slot]]) / total, within(1e-5));
        }
      }
    }
  }

  private static double[] sums(
      ProductKeyIndex index, float[] queries, float[] keys, int position, int half) {
    double[] sums = new double[index.entries()];
    for (int entry = 0; entry < sums.length; entry++) {
      for (int i = 0; i < half; i++) {
        int query = position * 2 * half + i;
        sums[entry] += (double) queries[query] * keys[index.first(entry) * half + i];
        int second = (index.subKeys() + index.second(entry)) * half + i;
        sums[entry] += (double) queries[query + half] * keys[second];
      }
    }
    return sums;
  }

  private static int[] best(double[] sums, int number) {
    return IntStream.range(0, sums.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer entry) -> -sums[entry]))
        .limit(number)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float[] gaussians(int length, SplittableRandom random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
