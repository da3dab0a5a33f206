// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A small memory and random batches for it, on the host. */
final class EmaCase {
  static final int ENTRIES = 36;
  static final int LENGTH = 3;
  static final int WIDTH = 8;
  static final int VOCABULARY = 19;
  static final int LAYERS = 2;
  static final int BATCH = 2;
  static final int SEQUENCE = 7;
  static final int SLOTS = 2;
  static final int POSITIONS = LAYERS * BATCH * SEQUENCE;

  final float[][] embeddings;
  final int[][] tokens;
  final float[][] vectors;
  private final SplittableRandom random;

  EmaCase(long seed) {
    random = new SplittableRandom(seed);
    embeddings = gaussians(VOCABULARY, WIDTH, 0.5);
    vectors = gaussians(ENTRIES, WIDTH, 1);
    tokens = new int[ENTRIES][LENGTH];
    for (int[] entry : tokens) {
      Arrays.setAll(entry, k -> random.nextInt(VOCABULARY));
    }
  }

  /** Features of width {@link #WIDTH}, about as long as embeddings. */
  float[][] features() {
    return gaussians(POSITIONS, WIDTH, 0.8);
  }

  /** Selections that favour low entries, so that some are selected often and some never. */
  int[][] indices() {
    int[][] indices = new int[POSITIONS][SLOTS];
    for (int[] row : indices) {
      Arrays.setAll(row, s -> (int) (ENTRIES * Math.pow(random.nextDouble(), 1.5)));
    }
    return indices;
  }

  int[][] inputIds() {
    int[][] ids = new int[BATCH][SEQUENCE];
    for (int[] row : ids) {
      Arrays.setAll(row, t -> random.nextInt(VOCABULARY));
    }
    return ids;
  }

  private float[][] gaussians(int rows, int columns, double deviation) {
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) (deviation * random.nextGaussian());
      }
    }
    return values;
  }

  /** The selections of each unfrozen entry. */
  static Map<Integer, List<Integer>> groups(int[][] indices, int frozen) {
    TreeMap<Integer, List<Integer>> groups = new TreeMap<>();
    for (int selection = 0; selection < indices.length * SLOTS; selection++) {
      int entry = indices[selection / SLOTS][selection % SLOTS];
      if (entry >= frozen) {
        groups.computeIfAbsent(entry, e -> new ArrayList<>()).add(selection);
      }
    }
    return groups;
  }

  /** Rows of the features {@code shift} positions after those of the selections. */
  static List<Integer> rows(List<Integer> selections, int shift) {
    List<Integer> rows = new ArrayList<>();
    for (int selection : selections) {
      int position = selection / SLOTS;
      if (position % SEQUENCE + shift < SEQUENCE) {
        rows.add(position + shift);
      }
    }
    return rows;
  }

  static double[] mean(float[][] features, List<Integer> rows) {
    double[] mean = new double[features[0].length];
    for (int row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += features[row][i] / (double) rows.size();
      }
    }
    return mean;
  }
}
