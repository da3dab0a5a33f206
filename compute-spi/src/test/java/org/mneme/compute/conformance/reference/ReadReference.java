// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

/** Mixing the entries that a position read: weighted concatenation, sum and attention. */
public final class ReadReference {
  /** Weights below it count as this in the logarithm of the entry attention. */
  public static final double LEAST_WEIGHT = 1e-9;

  private ReadReference() {}

  /** Gradients of an input of a position, of its entries and of the logarithms of the weights. */
  public record Gradient(double[] dq, double[] dReads, double[] dLogWeights) {}

  /** Outputs [N, H, W] and probabilities [N, H, S]. */
  public record EntryAttention(double[] out, double[] probabilities) {}

  /** [q ; w₁m₁ ; … ; w_S m_S] by row. */
  public static double[] concat(
      double[] q, int d, double[] reads, int width, double[] weights, int slots) {
    int rows = q.length / d;
    int columns = d + slots * width;
    double[] z = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(q, row * d, z, row * columns, d);
      for (int i = 0; i < slots * width; i++) {
        double weight = weights[row * slots + i / width];
        z[row * columns + d + i] = weight * reads[row * slots * width + i];
      }
    }
    return z;
  }

  /** The gradient of {@link #concat}. */
  public static Gradient concatBackward(
      double[] dz, double[] z, int d, int width, double[] weights, int slots) {
    int rows = weights.length / slots;
    int columns = d + slots * width;
    double[] dq = new double[rows * d];
    double[] dReads = new double[weights.length * width];
    double[] dLogWeights = new double[weights.length];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(dz, row * columns, dq, row * d, d);
      for (int i = 0; i < slots * width; i++) {
        int slot = row * slots + i / width;
        int at = row * columns + d + i;
        dReads[row * slots * width + i] = weights[slot] * dz[at];
        dLogWeights[slot] += dz[at] * z[at];
      }
    }
    return new Gradient(dq, dReads, dLogWeights);
  }

  /** Σ_j w_j·m_j by row. */
  public static double[] weightedSum(double[] reads, int width, double[] weights, int slots) {
    double[] out = new double[weights.length / slots * width];
    for (int i = 0; i < reads.length; i++) {
      int slot = i / width;
      out[slot / slots * width + i % width] += weights[slot] * reads[i];
    }
    return out;
  }

  /** The gradient of {@link #weightedSum}. */
  public static Gradient weightedSumBackward(
      double[] dOut, double[] reads, int width, double[] weights, int slots) {
    double[] dReads = new double[reads.length];
    double[] dLogWeights = new double[weights.length];
    for (int i = 0; i < reads.length; i++) {
      int slot = i / width;
      double gradient = dOut[slot / slots * width + i % width];
      dReads[i] = weights[slot] * gradient;
      dLogWeights[slot] += weights[slot] * gradient * reads[i];
    }
    return new Gradient(null, dReads, dLogWeights);
  }

  /** Gradients of a table and of the logarithms of the weights. */
  public record BagGradient(double[] dTable, double[] dLogWeights) {}

  /** Σ_j w_j·table[indices_j] by row. */
  public static double[] embeddingBag(
      double[] table, int width, int[] indices, double[] weights, int slots) {
    double[] out = new double[weights.length / slots * width];
    for (int slot = 0; slot < weights.length; slot++) {
      for (int i = 0; i < width; i++) {
        out[slot / slots * width + i] += weights[slot] * table[indices[slot] * width + i];
      }
    }
    return out;
  }

  /** The gradient of {@link #embeddingBag}; that of the table is added to {@code old}. */
  public static BagGradient embeddingBagBackward(
      double[] dOut,
      double[] table,
      int width,
      int[] indices,
      double[] weights,
      int slots,
      double[] old) {
    double[] dTable = old.clone();
    double[] dLogWeights = new double[weights.length];
    for (int slot = 0; slot < weights.length; slot++) {
      for (int i = 0; i < width; i++) {
        double gradient = weights[slot] * dOut[slot / slots * width + i];
        dTable[indices[slot] * width + i] += gradient;
        dLogWeights[slot] += gradient * table[indices[slot] * width + i];
      }
    }
    return new BagGradient(dTable, dLogWeights);
  }

  /** Attention of each head's query over the entries of its own position. */
  public static EntryAttention entryAttention(
      double[] queries,
      int heads,
      double[] reads,
      int width,
      double[] weights,
      int slots,
      double scale) {
    int rows = weights.length / slots;
    double[] out = new double[queries.length];
    double[] probabilities = new double[rows * heads * slots];
    for (int head = 0; head < rows * heads; head++) {
      int row = head / heads;
      double[] logits = new double[slots];
      for (int j = 0; j < slots; j++) {
        logits[j] = Math.log(Math.max(weights[row * slots + j], LEAST_WEIGHT));
        for (int i = 0; i < width; i++) {
          logits[j] += scale * queries[head * width + i] * reads[(row * slots + j) * width + i];
        }
      }
      double sum = AttentionReference.logSumExp(logits);
      for (int j = 0; j < slots; j++) {
        double p = Math.exp(logits[j] - sum);
        probabilities[head * slots + j] = p;
        for (int i = 0; i < width; i++) {
          out[head * width + i] += p * reads[(row * slots + j) * width + i];
        }
      }
    }
    return new EntryAttention(out, probabilities);
  }

  /** The gradient of {@link #entryAttention}. */
  public static Gradient entryAttentionBackward(
      double[] dOut,
      double[] queries,
      int heads,
      double[] reads,
      int width,
      double[] weights,
      int slots,
      double scale) {
    double[] p =
        entryAttention(queries, heads, reads, width, weights, slots, scale).probabilities();
    double[] dQueries = new double[queries.length];
    double[] dReads = new double[reads.length];
    double[] dLogWeights = new double[weights.length];
    for (int head = 0; head < queries.length / width; head++) {
      int row = head / heads;
      double[] dp = new double[slots];
      double mean = 0;
      for (int j = 0; j < slots; j++) {
        for (int i = 0; i < width; i++) {
          dp[j] += dOut[head * width + i] * reads[(row * slots + j) * width + i];
        }
        mean += p[head * slots + j] * dp[j];
      }
      for (int j = 0; j < slots; j++) {
        int slot = row * slots + j;
        double probability = p[head * slots + j];
        double dLogit = probability * (dp[j] - mean);
        dLogWeights[slot] += weights[slot] < LEAST_WEIGHT ? 0 : dLogit;
        for (int i = 0; i < width; i++) {
          dQueries[head * width + i] += dLogit * scale * reads[slot * width + i];
          dReads[slot * width + i] += dLogit * scale * queries[head * width + i];
          dReads[slot * width + i] += probability * dOut[head * width + i];
        }
      }
    }
    return new Gradient(dQueries, dReads, dLogWeights);
  }
}
