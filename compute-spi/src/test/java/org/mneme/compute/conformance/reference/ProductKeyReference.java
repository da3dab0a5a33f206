// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import java.util.Arrays;

/**
 * The product-key gate as a flat search: of every position all n·n sums are looked at.
 *
 * @param positions N
 * @param heads Hm
 * @param n sub-keys of a half
 * @param half width of a half, D/2
 * @param slots S
 * @param valid whether a position counts in the balance loss [N]; null for all
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProductKeyReference(
    int positions, int heads, int n, int half, int slots, boolean[] valid) {
  /** A gate all of whose positions count. */
  public ProductKeyReference(int positions, int heads, int n, int half, int slots) {
    this(positions, heads, n, half, slots, null);
  }

  /** The same gate with other positions that count. */
  public ProductKeyReference masked(boolean[] counting) {
    return new ProductKeyReference(positions, heads, n, half, slots, counting);
  }

  /** The same gate all of whose positions count. */
  public ProductKeyReference withoutMask() {
    return masked(null);
  }

  private boolean counts(int position) {
    return valid == null || valid[position];
  }

  /** The number of positions that count, or 1 if none does. */
  public int counted() {
    int count = 0;
    for (int position = 0; position < positions; position++) {
      count += counts(position) ? 1 : 0;
    }
    return Math.max(1, count);
  }

  /** Gradients of queries and keys. */
  public record Gradient(double[] dQueries, double[] dKeys) {}

  /** Scores [N, Hm, 2, n] of the halves. */
  public double[] scores(double[] queries, double[] keys) {
    double[] scores = new double[positions * heads * 2 * n];
    for (int at = 0; at < scores.length; at++) {
      int part = at / n;
      int key = (part % (heads * 2) * n + at % n) * half;
      for (int i = 0; i < half; i++) {
        scores[at] += queries[part * half + i] * keys[key + i];
      }
    }
    return scores;
  }

  private double sum(double[] scores, int row, int entry) {
    return scores[row * 2 * n + entry / n] + scores[row * 2 * n + n + entry % n];
  }

  /** The best entries of a row (a position and head), ties by lower index. */
  private int[] best(double[] scores, int row, int count) {
    int[] best = new int[count];
    for (int entry = 0; entry < n * n; entry++) {
      int place = Math.min(entry, count);
      while (place > 0 && sum(scores, row, entry) > sum(scores, row, best[place - 1])) {
        if (place < count) {
          best[place] = best[place - 1];
        }
        place--;
      }
      if (place < count) {
        best[place] = entry;
      }
    }
    return best;
  }

  /** The S best entries of every row [N, Hm, S]. */
  public int[] indices(double[] scores) {
    int[] indices = new int[positions * heads * slots];
    for (int row = 0; row < positions * heads; row++) {
      System.arraycopy(best(scores, row, slots), 0, indices, row * slots, slots);
    }
    return indices;
  }

  /** For each row, the least distance between the sums of its S + 1 best entries. */
  public double[] margins(double[] scores) {
    double[] margins = new double[positions * heads];
    for (int row = 0; row < margins.length; row++) {
      int[] best = best(scores, row, Math.min(slots + 1, n * n));
      margins[row] = Double.POSITIVE_INFINITY;
      for (int j = 1; j < best.length; j++) {
        double step = sum(scores, row, best[j - 1]) - sum(scores, row, best[j]);
        margins[row] = Math.min(margins[row], step);
      }
    }
    return margins;
  }

  /** The sums of selected entries [N, Hm, S]. */
  public double[] sums(double[] scores, int[] indices) {
    double[] sums = new double[indices.length];
    Arrays.setAll(sums, i -> sum(scores, i / slots, indices[i]));
    return sums;
  }

  /** The softmax over the selected sums [N, Hm, S]. */
  public double[] weights(double[] scores, int[] indices) {
    double[] weights = sums(scores, indices);
    for (int from = 0; from < weights.length; from += slots) {
      double total = AttentionReference.logSumExp(Arrays.copyOfRange(weights, from, from + slots));
      for (int i = from; i < from + slots; i++) {
        weights[i] = Math.exp(weights[i] - total);
      }
    }
    return weights;
  }

  /** Log-sum-exp of each half's scores [N, Hm, 2], infinite at positions that do not count. */
  public double[] logSumExp(double[] scores) {
    double[] sums = new double[scores.length / n];
    for (int i = 0; i < sums.length; i++) {
      sums[i] =
          counts(i / (2 * heads))
              ? AttentionReference.logSumExp(Arrays.copyOfRange(scores, i * n, (i + 1) * n))
              : Double.POSITIVE_INFINITY;
    }
    return sums;
  }

  /** f [Hm, 2, n]: the share of the selections of a head that use a sub-key. */
  public double[] share(int[] indices) {
    double[] share = new double[heads * 2 * n];
    double each = 1.0 / (counted() * slots);
    for (int i = 0; i < indices.length; i++) {
      int head = i / slots % heads;
      double part = counts(i / slots / heads) ? each : 0;
      share[head * 2 * n + indices[i] / n] += part;
      share[head * 2 * n + n + indices[i] % n] += part;
    }
    return share;
  }

  /** P [Hm, 2, n]: the mean over positions of the softmax of a half's scores. */
  public double[] meanProbability(double[] scores) {
    double[] sums = logSumExp(scores);
    int counted = counted();
    double[] mean = new double[heads * 2 * n];
    for (int i = 0; i < scores.length; i++) {
      mean[i % mean.length] += Math.exp(scores[i] - sums[i / n]) / counted;
    }
    return mean;
  }

  /** ½·n·Σ_h Σ_k f_h[k]·P_h[k], summed over heads. */
  public static double balance(double[] share, double[] meanProbability, int n) {
    double sum = 0;
    for (int i = 0; i < share.length; i++) {
      sum += share[i] * meanProbability[i];
    }
    return 0.5 * n * sum;
  }

  /**
   * The gradient of Σ g_j·log w_j, for fixed selections, where g = w·∂L/∂w, and of the balance loss
   * with a fixed share; {@code share} null for no balance loss.
   */
  public Gradient backward(
      double[] queries,
      double[] keys,
      int[] indices,
      double[] weights,
      double[] dLogWeights,
      double[] share,
      double factor) {
    double[] scores = scores(queries, keys);
    double[] dScores = share == null ? new double[scores.length] : balance(scores, share, factor);
    for (int row = 0; row < positions * heads; row++) {
      double total = 0;
      for (int j = row * slots; j < (row + 1) * slots; j++) {
        total += dLogWeights[j];
      }
      for (int j = row * slots; j < (row + 1) * slots; j++) {
        double dSum = dLogWeights[j] - weights[j] * total;
        dScores[row * 2 * n + indices[j] / n] += dSum;
        dScores[row * 2 * n + n + indices[j] % n] += dSum;
      }
    }
    double[] dQueries = new double[queries.length];
    double[] dKeys = new double[keys.length];
    for (int at = 0; at < scores.length; at++) {
      int part = at / n;
      int key = (part % (heads * 2) * n + at % n) * half;
      for (int i = 0; i < half; i++) {
        dQueries[part * half + i] += dScores[at] * keys[key + i];
        dKeys[key + i] += dScores[at] * queries[part * half + i];
      }
    }
    return new Gradient(dQueries, dKeys);
  }

  /** The balance loss by the scores: c·½·n/N·p_k·(f_k − Σ f·p). */
  private double[] balance(double[] scores, double[] share, double factor) {
    double[] sums = logSumExp(scores);
    int counted = counted();
    double[] gradient = new double[scores.length];
    for (int part = 0; part < sums.length; part++) {
      double mean = 0;
      for (int k = 0; k < n; k++) {
        double p = Math.exp(scores[part * n + k] - sums[part]);
        mean += p * share[part % (heads * 2) * n + k];
      }
      for (int k = 0; k < n; k++) {
        double p = Math.exp(scores[part * n + k] - sums[part]);
        double centred = share[part % (heads * 2) * n + k] - mean;
        gradient[part * n + k] = factor * 0.5 * n / counted * p * centred;
      }
    }
    return gradient;
  }
}
