// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import java.util.Arrays;
import org.mneme.compute.kernels.AttentionShape;

/** Causal grouped-query attention by explicit loops. */
public final class AttentionReference {
  private AttentionReference() {}

  /** Outputs [B·T, H·headDim] and log-sum-exp of the scaled scores [B, H, T]. */
  public record Attention(double[] out, double[] logSumExp) {}

  private static int query(AttentionShape s, int b, int t, int head) {
    return (b * s.sequence() + t) * (int) s.packedColumns() + head * s.headDim();
  }

  private static int key(AttentionShape s, int b, int t, int head) {
    int shared = head / (s.heads() / s.keyValueHeads());
    return query(s, b, t, s.heads() + shared);
  }

  private static int value(AttentionShape s, int b, int t, int head) {
    return key(s, b, t, head) + (int) s.keyValueColumns();
  }

  private static int output(AttentionShape s, int b, int t, int head) {
    return ((b * s.sequence() + t) * s.heads() + head) * s.headDim();
  }

  private static double dot(double[] a, int from, double[] b, int at, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += a[from + i] * b[at + i];
    }
    return sum;
  }

  static double logSumExp(double[] scores) {
    double max = Arrays.stream(scores).max().orElseThrow();
    return max + Math.log(Arrays.stream(scores).map(score -> Math.exp(score - max)).sum());
  }

  /** Scaled scores of one query against the positions up to its own. */
  private static double[] scores(double[] qkv, AttentionShape s, int b, int t, int head) {
    double[] scores = new double[t + 1];
    for (int u = 0; u <= t; u++) {
      double product = dot(qkv, query(s, b, t, head), qkv, key(s, b, u, head), s.headDim());
      scores[u] = product / Math.sqrt(s.headDim());
    }
    return scores;
  }

  /** out = Σ softmax(q·k/√headDim)·v. */
  public static Attention attention(double[] qkv, AttentionShape s) {
    double[] out = new double[(int) (s.positions() * s.outputColumns())];
    double[] sums = new double[s.batch() * s.heads() * s.sequence()];
    for (int b = 0; b < s.batch(); b++) {
      for (int head = 0; head < s.heads(); head++) {
        for (int t = 0; t < s.sequence(); t++) {
          double[] scores = scores(qkv, s, b, t, head);
          double sum = logSumExp(scores);
          sums[(b * s.heads() + head) * s.sequence() + t] = sum;
          for (int u = 0; u <= t; u++) {
            double p = Math.exp(scores[u] - sum);
            for (int i = 0; i < s.headDim(); i++) {
              out[output(s, b, t, head) + i] += p * qkv[value(s, b, u, head) + i];
            }
          }
        }
      }
    }
    return new Attention(out, sums);
  }

  /**
   * The gradient of {@link #attention} by the packed rows.
   *
   * @param saved what the forward wrote, with its rounding: ⟨dOut, out⟩ is taken from it
   */
  public static double[] attentionBackward(
      double[] dOut, double[] qkv, double[] saved, AttentionShape s) {
    double[] gradient = new double[qkv.length];
    for (int b = 0; b < s.batch(); b++) {
      for (int head = 0; head < s.heads(); head++) {
        for (int t = 0; t < s.sequence(); t++) {
          queryBackward(dOut, qkv, saved, s, b, t, head, gradient);
        }
      }
    }
    return gradient;
  }

  private static void queryBackward(
      double[] dOut,
      double[] qkv,
      double[] saved,
      AttentionShape s,
      int b,
      int t,
      int head,
      double[] gradient) {
    double[] scores = scores(qkv, s, b, t, head);
    double sum = logSumExp(scores);
    int query = query(s, b, t, head);
    int out = output(s, b, t, head);
    double[] p = new double[t + 1];
    double[] dp = new double[t + 1];
    double mean = dot(dOut, out, saved, out, s.headDim());
    for (int u = 0; u <= t; u++) {
      p[u] = Math.exp(scores[u] - sum);
      dp[u] = dot(dOut, out, qkv, value(s, b, u, head), s.headDim());
    }
    for (int u = 0; u <= t; u++) {
      double dScore = p[u] * (dp[u] - mean) / Math.sqrt(s.headDim());
      for (int i = 0; i < s.headDim(); i++) {
        gradient[value(s, b, u, head) + i] += p[u] * dOut[out + i];
        gradient[query + i] += dScore * qkv[key(s, b, u, head) + i];
        gradient[key(s, b, u, head) + i] += dScore * qkv[query + i];
      }
    }
  }

  /** Copies the new keys, or values, of packed rows into a cache [B, capacity, columns]. */
  public static double[] extend(
      double[] cache, int capacity, double[] qkv, AttentionShape s, boolean values, int first) {
    double[] extended = cache.clone();
    int columns = (int) s.keyValueColumns();
    for (int b = 0; b < s.batch(); b++) {
      for (int t = 0; t < s.sequence(); t++) {
        int from = query(s, b, t, s.heads()) + (values ? columns : 0);
        System.arraycopy(qkv, from, extended, (b * capacity + first + t) * columns, columns);
      }
    }
    return extended;
  }

  /** Attention of new positions over extended caches. */
  public static double[] attentionDecode(
      double[] qkv, AttentionShape s, double[] keys, double[] values, int capacity, int first) {
    double[] out = new double[(int) (s.positions() * s.outputColumns())];
    int columns = (int) s.keyValueColumns();
    for (int b = 0; b < s.batch(); b++) {
      for (int head = 0; head < s.heads(); head++) {
        int offset = head / (s.heads() / s.keyValueHeads()) * s.headDim();
        for (int t = 0; t < s.sequence(); t++) {
          double[] scores = new double[first + t + 1];
          for (int u = 0; u < scores.length; u++) {
            int key = (b * capacity + u) * columns + offset;
            double product = dot(qkv, query(s, b, t, head), keys, key, s.headDim());
            scores[u] = product / Math.sqrt(s.headDim());
          }
          double sum = logSumExp(scores);
          for (int u = 0; u < scores.length; u++) {
            for (int i = 0; i < s.headDim(); i++) {
              out[output(s, b, t, head) + i] +=
                  Math.exp(scores[u] - sum) * values[(b * capacity + u) * columns + offset + i];
            }
          }
        }
      }
    }
    return out;
  }
}
