// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.UpdateReference;

/** Grouping selections by entry, and the means of their features. */
public abstract class GroupConformance extends DeviceTestCase {
  /** Selections, entries, first entry that is not frozen. */
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 0},
          new int[] {1, 3, 3},
          new int[] {0, 5, 0},
          new int[] {37, 1, 0},
          new int[] {131, 37, 0},
          new int[] {131, 37, 20},
          new int[] {4099, 17, 3},
          new int[] {311, 1_000_003, 500_000});

  @Test
  void groupsAreSortedAndStable() {
    for (int[] size : SIZES) {
      int[] indices = new Numbers(size[0]).indices(size[0], size[1]);
      if (size[0] > 5) {
        indices[3] = size[1] - 1;
      }
      group(indices, size[1], size[2]);
    }
  }

  /**
   * Also where all others are frozen, and where no bit of an index tells −1 from the last entry.
   */
  @Test
  void selectionsOfNoEntryAreLeftOut() {
    for (int[] size : SIZES) {
      for (int rows : new int[] {size[1], Integer.highestOneBit(size[1])}) {
        for (Mask mask : List.of(Mask.SOME, Mask.BEGINNING, Mask.NOTHING)) {
          int[] indices = new Numbers(size[0]).indices(size[0], rows);
          boolean[] flags = mask.flags(size[0]);
          for (int i = 0; i < indices.length; i++) {
            indices[i] = flags[i] ? indices[i] : -1;
          }
          group(indices, rows, Math.min(size[2], rows));
          group(indices, rows, rows);
        }
      }
    }
  }

  @Test
  void maskSelections() {
    for (int[] size : List.of(new int[] {1, 1}, new int[] {67, 1}, new int[] {131, 8})) {
      int[] indices = new Numbers(size[0]).indices(size[0] * size[1], 1000);
      for (Mask mask : List.of(Mask.ALL, Mask.SOME, Mask.ONE, Mask.NOTHING)) {
        boolean[] flags = mask.flags(size[0]);
        int[] wanted = new int[indices.length];
        Arrays.setAll(wanted, i -> flags[i / size[1]] ? indices[i] : -1);
        try (Trial trial = trial("mask_selections", size[0], size[1], mask)) {
          Tensor ti = trial.input("indices", indices, size[0], size[1]);
          Tensor valid = Mask.input(trial, flags);
          Tensor out = trial.output("out", I32, size[0], size[1]);
          trial.run(() -> device.memory().maskSelections(ti, valid, out)).expect(out, wanted);
        }
        try (Trial trial = trial("mask_selections", size[0], size[1], mask, "in place")) {
          Tensor ti = trial.inOut("indices", I32, Numbers.doubles(indices), size[0], size[1]);
          Tensor valid = Mask.input(trial, flags);
          trial.run(() -> device.memory().maskSelections(ti, valid, ti)).expect(ti, wanted);
        }
      }
    }
  }

  private void group(int[] indices, int rows, int firstRow) {
    int count = indices.length;
    TreeMap<Integer, List<Integer>> wanted = UpdateReference.group(indices, firstRow);
    int[] returned = new int[1];
    try (Trial trial = trial("group_selections", count, rows, firstRow)) {
      Tensor ti = trial.input("indices", indices, count);
      Tensor order = trial.output("order", I32, count);
      Tensor entries = trial.output("entries", I32, count);
      Tensor starts = trial.output("starts", I32, count + 1L);
      trial.runTwice(
          () ->
              returned[0] =
                  device.memory().groupSelections(ti, rows, firstRow, order, entries, starts));
      assertThat(returned[0]).as("groups of %d in %d", count, rows).isEqualTo(wanted.size());
      Flat flat = Flat.of(wanted.values());
      int groups = wanted.size();
      assertThat(Arrays.copyOf(trial.indices(starts), groups + 1)).isEqualTo(flat.starts);
      assertThat(Arrays.copyOf(trial.indices(entries), groups))
          .isEqualTo(wanted.keySet().stream().mapToInt(Integer::intValue).toArray());
      assertThat(Arrays.copyOf(trial.indices(order), flat.order.length)).isEqualTo(flat.order);
    }
  }

  /** Groups as arrays, as {@code groupSelections} gives them. */
  static final class Flat {
    final int[] order;
    final int[] starts;

    private Flat(int[] order, int[] starts) {
      this.order = order;
      this.starts = starts;
    }

    static Flat of(Iterable<List<Integer>> groups) {
      int[] order = new int[0];
      int[] starts = {0};
      for (List<Integer> group : groups) {
        int at = order.length;
        order = Arrays.copyOf(order, at + group.size());
        for (int selection : group) {
          order[at++] = selection;
        }
        starts = Arrays.copyOf(starts, starts.length + 1);
        starts[starts.length - 1] = at;
      }
      return new Flat(order, starts);
    }

    /** The starts, padded to R + 1 with numbers that no one may use. */
    int[] starts(int selections) {
      return padded(starts, selections + 1);
    }

    /** The order, padded to R with numbers that no one may use. */
    int[] order(int selections) {
      return padded(order, selections);
    }

    static int[] padded(int[] values, int length) {
      int[] padded = Arrays.copyOf(values, length);
      Arrays.fill(padded, values.length, length, Integer.MAX_VALUE);
      return padded;
    }
  }

  /** Layers · sequences, positions of each, slots, entries, width. */
  private static final List<int[]> FEATURES =
      List.of(
          new int[] {1, 1, 1, 1, 1},
          new int[] {4, 7, 3, 5, 67},
          new int[] {6, 31, 5, 257, 16},
          new int[] {2, 512, 2, 3, 33});

  @ParameterizedTest
  @MethodSource("floating")
  void scatterMean(DType dtype) {
    for (int[] size : FEATURES) {
      for (int shift : new int[] {0, 2}) {
        for (Mask mask : Mask.values()) {
          scatterMean(dtype, size, shift, 0, mask);
        }
        scatterMean(dtype, size, shift, 1, Mask.NONE);
      }
    }
  }

  private void scatterMean(DType dtype, int[] size, int shift, int frozen, Mask mask) {
    int positions = size[0] * size[1];
    int slots = size[2];
    int width = size[4];
    Numbers numbers = new Numbers(positions);
    int selections = positions * slots;
    int[] indices = numbers.indices(selections, size[3]);
    double[] features = numbers.values(dtype, positions * width);
    TreeMap<Integer, List<Integer>> groups = UpdateReference.group(indices, frozen);
    Flat flat = Flat.of(groups.values());
    // Rows of several layers share the mask of their positions.
    boolean[] valid = mask.flags(size[0] % 2 == 0 ? positions / 2 : positions);
    UpdateReference.Means wanted =
        UpdateReference.scatterMean(
            features, valid, width, groups.values(), groups.size(), slots, size[1], shift);
    for (int first = 0; first <= groups.size(); first += Math.max(1, groups.size() / 2)) {
      int part = groups.size() - first;
      try (Trial trial = trial("scatter_mean", dtype, Arrays.toString(size), shift, first, mask)) {
        Tensor tf = trial.input("features", dtype, features, positions, width);
        Tensor tv = Mask.input(trial, valid);
        Tensor to = trial.input("order", flat.order(selections), selections);
        Tensor ts = trial.input("starts", flat.starts(selections), selections + 1L);
        Tensor means = trial.output("means", F32, part, width);
        Tensor counts = trial.output("counts", F32, part);
        int firstGroup = first;
        trial
            .run(
                () ->
                    device
                        .memory()
                        .scatterMean(
                            tf, tv, to, ts, firstGroup, slots, size[1], shift, means, counts))
            .expect(
                means,
                Arrays.copyOfRange(wanted.means(), first * width, groups.size() * width),
                Tolerance.sum(F32))
            .expect(
                counts, Arrays.copyOfRange(wanted.counts(), first, groups.size()), Tolerance.EXACT);
      }
    }
  }
}
