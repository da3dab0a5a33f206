// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/**
 * Updates of the sizes for which the GPU does something else than for small ones: sorts of many
 * digits and tiles, groups that several warps sum, tables of many rows, rows that are moved wide.
 */
@NeedsGpu
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaUpdateTest {
  private final Random random = new Random(5);
  private final List<Tensor> tensors = new ArrayList<>();
  private CudaDevice device;

  @BeforeAll
  void open() {
    device = (CudaDevice) new CudaProvider().open(NeedsGpu.DEVICE);
  }

  @AfterAll
  void close() {
    device.close();
  }

  @AfterEach
  void closeTensors() {
    tensors.forEach(Tensor::close);
    tensors.clear();
  }

  private Tensor empty(DType dtype, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, dtype, Shape.of(extents));
    tensors.add(tensor);
    return tensor;
  }

  private Tensor ints(int[] values, long... extents) {
    Tensor tensor = empty(DType.I32, extents);
    device.transfer().writeInts(values, tensor);
    return tensor;
  }

  /** Whole numbers, which BF16 holds too. */
  private Tensor floating(DType dtype, float[] values, long... extents) {
    Tensor tensor = empty(dtype, extents);
    int size = dtype.byteCount();
    ByteBuffer bytes = ByteBuffer.allocate(values.length * size).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      int bits = Float.floatToIntBits(value);
      if (dtype == DType.BF16) {
        bytes.putShort((short) (bits >> 16));
      } else {
        bytes.putInt(bits);
      }
    }
    device.transfer().write(bytes.flip(), tensor);
    return tensor;
  }

  private float[] whole(int count, int bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(2 * bound + 1) - bound;
    }
    return values;
  }

  /** Few rows are selected often and many seldom, as it happens. */
  private int[] skewed(int count, int bound) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = (int) Math.pow(bound, random.nextDouble()) - 1;
    }
    return values;
  }

  @Test
  void manySelectionsAreGrouped() {
    checkGroups(skewed(300_000, 1 << 30), 1L << 30, 0);
    checkGroups(skewed(70_000, 6_400), 6_400, 3);
  }

  private TreeMap<Integer, List<Integer>> checkGroups(int[] indices, long rows, int firstRow) {
    TreeMap<Integer, List<Integer>> wanted = new TreeMap<>();
    for (int s = 0; s < indices.length; s++) {
      if (indices[s] >= firstRow) {
        wanted.computeIfAbsent(indices[s], entry -> new ArrayList<>()).add(s);
      }
    }
    Tensor order = empty(DType.I32, indices.length);
    Tensor entries = empty(DType.I32, indices.length);
    Tensor starts = empty(DType.I32, indices.length + 1L);
    Tensor selected = ints(indices, indices.length);
    int groups = device.memory().groupSelections(selected, rows, firstRow, order, entries, starts);
    assertThat(groups).isEqualTo(wanted.size());
    int[] foundOrder = device.transfer().readInts(order);
    int[] foundEntries = device.transfer().readInts(entries);
    int[] foundStarts = device.transfer().readInts(starts);
    int group = 0;
    for (int entry : wanted.keySet()) {
      List<Integer> members = new ArrayList<>();
      for (int i = foundStarts[group]; i < foundStarts[group + 1]; i++) {
        members.add(foundOrder[i]);
      }
      assertThat(foundEntries[group++]).isEqualTo(entry);
      assertThat(members).isEqualTo(wanted.get(entry));
    }
    return wanted;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void longGroupsHaveTheirMeans(DType dtype) {
    int slots = 4;
    int width = 520;
    int[] indices = skewed(20_000, 500);
    List<List<Integer>> groups = List.copyOf(checkGroups(indices, 500, 0).values());
    float[] features = whole(indices.length / slots * width, 100);
    Tensor means = empty(DType.F32, groups.size(), width);
    Tensor counts = empty(DType.F32, groups.size());
    Tensor rows = floating(dtype, features, indices.length / slots, width);
    Tensor order = tensors.get(0);
    Tensor starts = tensors.get(2);
    device.memory().scatterMean(rows, null, order, starts, 0, slots, 1_000, 0, means, counts);
    float[] foundMeans = device.transfer().readFloats(means);
    float[] foundCounts = device.transfer().readFloats(counts);
    for (int group = 0; group < groups.size(); group++) {
      List<Integer> members = groups.get(group);
      assertThat(foundCounts[group]).isEqualTo(members.size());
      for (int column = 0; column < width; column += 37) {
        double sum = 0;
        for (int member : members) {
          sum += features[member / slots * width + column];
        }
        float found = foundMeans[group * width + column];
        assertThat((double) found).isCloseTo(sum / members.size(), within(1e-5));
      }
    }
  }

  /** Whole numbers make every product exact, so that the answer is known to the last tie. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void nearestTokensAreTheLowestOfTheNearest(DType dtype) {
    checkNearest(dtype, new int[] {1_600, 24, 200, 8});
    checkNearest(dtype, new int[] {1_601, 24, 100, 11});
    checkNearest(dtype, new int[] {70_001, 5, 40, 1});
  }

  /** Vocabulary, width, entries, places. */
  private void checkNearest(DType dtype, int[] size) {
    float[] table = whole(size[0] * size[1], 2);
    float[] features = whole(size[2] * size[1], 9);
    float[] keep = new float[size[2]];
    for (int u = 0; u < keep.length; u++) {
      keep[u] = new float[] {0, 0.5f, 1, 3, -2}[u % 5];
    }
    int[] tokens = random.ints((long) size[2] * size[3], 0, size[0]).toArray();
    Tensor places = ints(tokens, size[2], size[3]);
    Tensor embeddings = floating(dtype, table, size[0], size[1]);
    Tensor kept = floating(DType.F32, keep, size[2]);
    Tensor given = floating(DType.F32, features, size[2], size[1]);
    device.memory().nearestToken(embeddings, places, kept, given, places);
    int[] found = device.transfer().readInts(places);
    for (int at = 0; at < tokens.length; at++) {
      int entry = at / size[3];
      float[] x = new float[size[1]];
      for (int i = 0; i < x.length; i++) {
        x[i] = keep[entry] * table[tokens[at] * size[1] + i] + features[entry * size[1] + i];
      }
      assertThat(found[at]).as("place %d of %d", at, size[0]).isEqualTo(nearest(table, x));
    }
  }

  private static int nearest(float[] table, float[] x) {
    int nearest = 0;
    float best = Float.NEGATIVE_INFINITY;
    for (int v = 0; v < table.length / x.length; v++) {
      float score = 0;
      for (int i = 0; i < x.length; i++) {
        score += x[i] * table[v * x.length + i];
      }
      if (score > best) {
        best = score;
        nearest = v;
      }
    }
    return nearest;
  }
}
