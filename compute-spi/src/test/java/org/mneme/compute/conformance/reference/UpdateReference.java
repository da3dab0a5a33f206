// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Moving entries: grouping of selections, means of features, nearest tokens. */
public final class UpdateReference {
  private UpdateReference() {}

  /** Means [groups, W] and the number of features of each. */
  public record Means(double[] means, double[] counts) {}

  /** The selections of each selected entry that is not frozen, both ascending. */
  public static TreeMap<Integer, List<Integer>> group(int[] indices, int firstRow) {
    TreeMap<Integer, List<Integer>> groups = new TreeMap<>();
    for (int s = 0; s < indices.length; s++) {
      if (indices[s] >= firstRow) {
        groups.computeIfAbsent(indices[s], entry -> new ArrayList<>()).add(s);
      }
    }
    return groups;
  }

  /**
   * Means of the features {@code shift} positions after the selecting ones.
   *
   * @param valid of each feature, modulo its length; null for all
   */
  public static Means scatterMean(
      double[] features,
      boolean[] valid,
      int width,
      Iterable<List<Integer>> groups,
      int count,
      int slots,
      int sequence,
      int shift) {
    double[] means = new double[count * width];
    double[] counts = new double[count];
    int group = 0;
    for (List<Integer> selections : groups) {
      for (int selection : selections) {
        int row = selection / slots;
        boolean within = row % sequence + shift < sequence;
        if (within && (valid == null || valid[(row + shift) % valid.length])) {
          counts[group]++;
          for (int i = 0; i < width; i++) {
            means[group * width + i] += features[(row + shift) * width + i];
          }
        }
      }
      for (int i = 0; i < width && counts[group] > 0; i++) {
        means[group * width + i] /= counts[group];
      }
      group++;
    }
    return new Means(means, counts);
  }

  private static double norm(double[] rows, int row, int width) {
    double squares = 0;
    for (int i = row * width; i < (row + 1) * width; i++) {
      squares += rows[i] * rows[i];
    }
    return Math.sqrt(squares);
  }

  /** Each row of x scaled to the mean norm of the rows of {@code reference}; zeros stay. */
  public static double[] scaleToMeanNorm(double[] reference, double[] x, int width) {
    double mean = 0;
    int rows = reference.length / width;
    for (int row = 0; row < rows; row++) {
      mean += norm(reference, row, width) / rows;
    }
    double[] scaled = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double norm = norm(x, i / width, width);
      scaled[i] = norm == 0 ? 0 : x[i] * mean / norm;
    }
    return scaled;
  }

  /** keep·⟨E[token], E[v]⟩ + ⟨feature, E[v]⟩ for every v. */
  public static double[] tokenScores(
      double[] embeddings, int width, int token, double keep, double[] features, int entry) {
    double[] mixed = new double[width];
    for (int i = 0; i < width; i++) {
      mixed[i] = keep * embeddings[token * width + i] + features[entry * width + i];
    }
    double[] scores = new double[embeddings.length / width];
    for (int v = 0; v < scores.length; v++) {
      for (int i = 0; i < width; i++) {
        scores[v] += mixed[i] * embeddings[v * width + i];
      }
    }
    return scores;
  }
}
