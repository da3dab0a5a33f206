// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.QueryNorm;

/**
 * The whole model in plain doubles, from the mathematics of the guide alone, for small sizes: no
 * layer, kernel or reference of an operation is shared with the model that it judges. It is in
 * training mode; gradients are left to finite differences of {@link #loss}.
 */
final class ReferenceModel {
  private static final double BATCH_NORM_EPS = 1e-5;

  private final ModelConfig config;
  private final Map<String, double[]> weights;
  private final int[] tokenBank;
  private final ReferenceContexts contexts;
  private final List<int[]> selected = new ArrayList<>();
  private double balance;

  /**
   * A model.
   *
   * @param weights by their names on disk, also the entries of a store of vectors
   * @param tokenBank token ids of {@code ema_token} [M, K]; else null
   * @param contexts what {@code context_token} has read; else null
   */
  ReferenceModel(
      ModelConfig config,
      Map<String, double[]> weights,
      int[] tokenBank,
      ReferenceContexts contexts) {
    this.config = config;
    this.weights = new LinkedHashMap<>(weights);
    this.tokenBank = tokenBank;
    this.contexts = contexts;
  }

  /** This model with another tensor. */
  ReferenceModel with(Map<String, double[]> others) {
    Map<String, double[]> all = new LinkedHashMap<>(weights);
    all.putAll(others);
    return new ReferenceModel(config, all, tokenBank, contexts);
  }

  double[] weight(String name) {
    return weights.get(name);
  }

  /** Cross-entropy of the targets that are not masked, and the scaled balance loss. */
  record Loss(double crossEntropy, double balance) {
    double total() {
      return crossEntropy + balance;
    }
  }

  Loss loss(int[] ids, int[] targets, int sequence) {
    double[][] logits = logits(ids, sequence);
    double sum = 0;
    int count = 0;
    for (int n = 0; n < ids.length; n++) {
      if (targets[n] != TrainingPass.MASKED) {
        double[] row = logits[n];
        double largest = Arrays.stream(row).max().orElseThrow();
        double total = Arrays.stream(row).map(x -> Math.exp(x - largest)).sum();
        sum += Math.log(total) + largest - row[targets[n]];
        count++;
      }
    }
    int parts = config.layersWithMemory().size() * config.memoryHeads();
    return new Loss(sum / count, parts == 0 ? 0 : config.balanceLossCoef() * balance / parts);
  }

  /** The entries that each memory layer selected in the last forward [N, heads·S]. */
  List<int[]> selected() {
    return selected;
  }

  double[][] logits(int[] ids, int sequence) {
    balance = 0;
    selected.clear();
    double[][] x = map(ids.length, n -> row("tok_embeddings.weight", ids[n], config.dim()));
    for (int layer = 0; layer < config.nLayers(); layer++) {
      x = block(layer, x, ids, sequence);
    }
    return linear(norm(x, "norm.weight"), "tok_embeddings.weight", config.vocabSize());
  }

  private double[][] block(int layer, double[][] x, int[] ids, int sequence) {
    String prefix = "layers." + layer + ".";
    double[][] a =
        attention(prefix + "attention.", norm(x, prefix + "attention_norm.weight"), sequence);
    double[][] h = add(x, a);
    boolean memory = config.hasMemory(layer);
    boolean beside = config.memoryFusion() == MemoryFusion.BESIDE;
    if (!memory || beside) {
      h = add(h, feedForward(prefix + "feed_forward.", norm(h, prefix + "ffn_norm.weight")));
    }
    if (!memory) {
      return h;
    }
    double[][] input = norm(beside ? h : a, prefix + "memory_norm.weight");
    if (!beside) {
      Slots slots = gate(prefix + "memory_gate.", "gate_proj.weight", input);
      return add(h, fuse(prefix + "memory_fusion.", input, slots));
    }
    String part = prefix + "memory.";
    double[][] r =
        config.memoryStore() == MemoryStore.CONTEXT_TOKEN
            ? contextSum(part, input, ids, sequence)
            : weightedSum(gate(part, "query.weight", input));
    double[][] gated =
        multiply(r, map(linear(input, part + "gate.weight", config.dim()), ReferenceModel::silu));
    return add(h, linear(gated, part + "output.weight", config.dim()));
  }

  private double[][] attention(String prefix, double[][] u, int sequence) {
    int width = config.dim() / config.nHeads();
    int shared = config.nHeads() / config.nKvHeads();
    double[][] q = linear(u, prefix + "wq.weight", config.dim());
    double[][] k = linear(u, prefix + "wk.weight", config.nKvHeads() * width);
    double[][] v = linear(u, prefix + "wv.weight", config.nKvHeads() * width);
    double[][] mixed = new double[u.length][config.dim()];
    for (int n = 0; n < u.length; n++) {
      int t = n % sequence;
      for (int head = 0; head < config.nHeads(); head++) {
        double[] query = rotated(q[n], head * width, width, t);
        double[] scores = new double[t + 1];
        for (int s = 0; s <= t; s++) {
          double[] key = rotated(k[n - t + s], head / shared * width, width, s);
          scores[s] = dot(query, key) / Math.sqrt(width);
        }
        double[] p = softmax(scores);
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            mixed[n][head * width + i] += p[s] * v[n - t + s][head / shared * width + i];
          }
        }
      }
    }
    return linear(mixed, prefix + "wo.weight", config.dim());
  }

  /** Pairs (x₂ᵢ, x₂ᵢ₊₁) as complex numbers, times e^(i·t·θ^(−2i/h)). */
  private double[] rotated(double[] x, int from, int width, int t) {
    double[] y = new double[width];
    for (int i = 0; i < width; i += 2) {
      double angle = t * Math.pow(config.ropeTheta(), -(double) i / width);
      double re = x[from + i];
      double im = x[from + i + 1];
      y[i] = re * Math.cos(angle) - im * Math.sin(angle);
      y[i + 1] = re * Math.sin(angle) + im * Math.cos(angle);
    }
    return y;
  }

  private double[][] feedForward(String prefix, double[][] u) {
    double[][] gate =
        map(linear(u, prefix + "w1.weight", config.hiddenDim()), ReferenceModel::silu);
    double[][] up = linear(u, prefix + "w3.weight", config.hiddenDim());
    return linear(multiply(gate, up), prefix + "w2.weight", config.dim());
  }

  /** Reads and weights of the slots of each position. */
  private record Slots(double[][][] reads, double[][] weights) {}

  /** Product keys by brute force: all n² sums of every head, sorted. */
  private Slots gate(String prefix, String query, double[][] q) {
    int heads = config.memoryHeads();
    int width = config.knowledgeDim();
    int half = width / 2;
    int n = (int) Math.sqrt(config.knowledgeNum());
    int best = config.numSelected();
    double[][] u = queries(prefix, linear(q, prefix + query, heads * width));
    int[] indices = new int[q.length * heads * best];
    double[][] w = new double[q.length][heads * best];
    double[][][] reads = new double[q.length][heads * best][];
    for (int head = 0; head < heads; head++) {
      double[][] share = new double[2][n];
      double[][] probability = new double[2][n];
      for (int at = 0; at < q.length; at++) {
        double[][] scores = new double[2][n];
        for (int side = 0; side < 2; side++) {
          for (int key = 0; key < n; key++) {
            double[] keys = row(prefix + "keys", (head * 2 + side) * n + key, half);
            int from = head * width + side * half;
            scores[side][key] = dot(Arrays.copyOfRange(u[at], from, from + half), keys);
          }
          double[] p = softmax(scores[side]);
          for (int key = 0; key < n; key++) {
            probability[side][key] += p[key] / q.length;
          }
        }
        int[] order =
            IntStream.range(0, n * n)
                .boxed()
                .sorted(
                    Comparator.<Integer>comparingDouble(e -> -(scores[0][e / n] + scores[1][e % n]))
                        .thenComparing(e -> e))
                .mapToInt(e -> e)
                .limit(best)
                .toArray();
        double[] kept =
            Arrays.stream(order).mapToDouble(e -> scores[0][e / n] + scores[1][e % n]).toArray();
        double[] p = softmax(kept);
        for (int s = 0; s < best; s++) {
          int slot = head * best + s;
          indices[(at * heads + head) * best + s] = order[s];
          w[at][slot] = p[s];
          reads[at][slot] = read(order[s]);
          share[0][order[s] / n] += 1.0 / (q.length * best);
          share[1][order[s] % n] += 1.0 / (q.length * best);
        }
      }
      balance += 0.5 * n * (dot(share[0], probability[0]) + dot(share[1], probability[1]));
    }
    selected.add(indices);
    return new Slots(reads, w);
  }

  private double[][] queries(String prefix, double[][] u) {
    if (config.queryNorm() == QueryNorm.BATCH) {
      return batchNorm(u, weight(prefix + "query_norm.weight"), weight(prefix + "query_norm.bias"));
    }
    if (config.queryNorm() == QueryNorm.RMS) {
      double[][] y = new double[u.length][u[0].length];
      int width = config.knowledgeDim();
      for (int n = 0; n < u.length; n++) {
        for (int from = 0; from < u[n].length; from += width) {
          double[] head = unit(Arrays.copyOfRange(u[n], from, from + width));
          System.arraycopy(head, 0, y[n], from, width);
        }
      }
      return y;
    }
    return u;
  }

  private static double[][] batchNorm(double[][] u, double[] weight, double[] bias) {
    double[][] y = new double[u.length][u[0].length];
    for (int c = 0; c < u[0].length; c++) {
      int column = c;
      double mean = Arrays.stream(u).mapToDouble(row -> row[column]).average().orElseThrow();
      double variance =
          Arrays.stream(u)
              .mapToDouble(row -> (row[column] - mean) * (row[column] - mean))
              .average()
              .orElseThrow();
      for (int n = 0; n < u.length; n++) {
        y[n][c] = (u[n][c] - mean) / Math.sqrt(variance + BATCH_NORM_EPS) * weight[c] + bias[c];
      }
    }
    return y;
  }

  private double[] read(int entry) {
    double[] read;
    if (config.memoryStore() == MemoryStore.EMA_TOKEN) {
      int places = config.knowledgeLength();
      read = new double[config.dim()];
      for (int k = 0; k < places; k++) {
        double[] token = row("tok_embeddings.weight", tokenBank[entry * places + k], config.dim());
        for (int i = 0; i < read.length; i++) {
          read[i] += token[i] / places;
        }
      }
    } else {
      int width = weight("memory_bank").length / config.knowledgeNum();
      read = row("memory_bank", entry, width);
    }
    return config.readNorm() ? unit(read) : read;
  }

  private double[][] fuse(String prefix, double[][] q, Slots slots) {
    return config.memoryFusion() == MemoryFusion.GATED_MLP
        ? gatedMlp(prefix, q, slots)
        : crossAttention(prefix, q, slots);
  }

  private double[][] gatedMlp(String prefix, double[][] q, Slots slots) {
    double[][] z =
        map(
            q.length,
            n -> {
              double[][] parts = new double[slots.weights[n].length + 1][];
              parts[0] = q[n];
              for (int j = 0; j < slots.weights[n].length; j++) {
                double w = slots.weights[n][j];
                parts[j + 1] = Arrays.stream(slots.reads[n][j]).map(m -> w * m).toArray();
              }
              return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
            });
    double[][] gate =
        map(linear(z, prefix + "gate_proj.weight", config.dim()), ReferenceModel::silu);
    double[][] up = linear(z, prefix + "up_proj.weight", config.dim());
    return linear(multiply(gate, up), prefix + "down_proj.weight", config.dim());
  }

  private double[][] crossAttention(String prefix, double[][] q, Slots slots) {
    int heads = config.nHeads();
    int width = config.dim() / heads;
    double[][] queries = linear(q, prefix + "wq.weight", config.dim());
    double[][] mixed =
        map(
            q.length,
            n -> {
              double[][] keys = linear(slots.reads[n], prefix + "wk.weight", config.dim());
              double[][] values = linear(slots.reads[n], prefix + "wv.weight", config.dim());
              double[] out = new double[config.dim()];
              for (int a = 0; a < heads; a++) {
                double[] scores = new double[keys.length];
                for (int j = 0; j < keys.length; j++) {
                  for (int i = a * width; i < (a + 1) * width; i++) {
                    scores[j] += queries[n][i] * keys[j][i] / Math.sqrt(width);
                  }
                  scores[j] += Math.log(Math.max(slots.weights[n][j], 1e-9));
                }
                double[] p = softmax(scores);
                for (int j = 0; j < keys.length; j++) {
                  for (int i = a * width; i < (a + 1) * width; i++) {
                    out[i] += p[j] * values[j][i];
                  }
                }
              }
              return out;
            });
    return linear(mixed, prefix + "wo.weight", config.dim());
  }

  private double[][] weightedSum(Slots slots) {
    return map(
        slots.weights.length,
        n -> {
          double[] r = new double[config.dim()];
          for (int j = 0; j < slots.weights[n].length; j++) {
            for (int i = 0; i < r.length; i++) {
              r[i] += slots.weights[n][j] * slots.reads[n][j][i];
            }
          }
          return r;
        });
  }

  private double[][] contextSum(String prefix, double[][] x, int[] ids, int sequence) {
    int slots = config.contextLengths().size();
    int places = config.knowledgeLength();
    double[][] logits = linear(x, prefix + "places.weight", slots * places);
    double[] bias = weight(prefix + "votes.bias");
    int kinds = config.contextVotes();
    return map(
        ids.length,
        n -> {
          List<Integer> text =
              IntStream.range(n - n % sequence, n - n % sequence + sequence)
                  .map(i -> ids[i])
                  .boxed()
                  .toList();
          double[] r = new double[config.dim()];
          for (int s = 0; s < slots; s++) {
            ReferenceContexts.Entry entry = contexts.find(text, n % sequence, s, 0);
            for (int k = 0; entry != null && k < places; k++) {
              int place = s * places + k;
              int kind = Math.min(entry.votes(), kinds);
              double w = 1 / (1 + Math.exp(-logits[n][place] - bias[place * kinds + kind - 1]));
              double[] token =
                  unit(row("tok_embeddings.weight", entry.tokens().get(k), config.dim()));
              for (int i = 0; i < r.length; i++) {
                r[i] += w * token[i];
              }
            }
          }
          return r;
        });
  }

  private double[][] norm(double[][] x, String weight) {
    double[] w = weight(weight);
    return map(
        x.length,
        n -> {
          double[] y = unit(x[n]);
          for (int i = 0; i < y.length; i++) {
            y[i] *= w[i];
          }
          return y;
        });
  }

  /** x scaled to a root mean square of 1. */
  private double[] unit(double[] x) {
    double scale = 1 / Math.sqrt(dot(x, x) / x.length + config.normEps());
    return Arrays.stream(x).map(value -> value * scale).toArray();
  }

  private double[] row(String name, int row, int width) {
    return Arrays.copyOfRange(weight(name), row * width, (row + 1) * width);
  }

  /** y = x Wᵀ. */
  private double[][] linear(double[][] x, String name, int out) {
    double[] w = weight(name);
    return map(
        x.length,
        n -> {
          int in = x[n].length;
          double[] y = new double[out];
          for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
              y[o] += w[o * in + i] * x[n][i];
            }
          }
          return y;
        });
  }

  private static double[] softmax(double[] x) {
    double largest = Arrays.stream(x).max().orElseThrow();
    double sum = Arrays.stream(x).map(value -> Math.exp(value - largest)).sum();
    return Arrays.stream(x).map(value -> Math.exp(value - largest) / sum).toArray();
  }

  private static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[][] add(double[][] a, double[][] b) {
    return map(
        a.length,
        n -> IntStream.range(0, a[n].length).mapToDouble(i -> a[n][i] + b[n][i]).toArray());
  }

  private static double[][] multiply(double[][] a, double[][] b) {
    return map(
        a.length,
        n -> IntStream.range(0, a[n].length).mapToDouble(i -> a[n][i] * b[n][i]).toArray());
  }

  private static double[][] map(double[][] x, DoubleUnaryOperator f) {
    return map(x.length, n -> Arrays.stream(x[n]).map(f).toArray());
  }

  private static double[][] map(int rows, IntFunction<double[]> row) {
    return IntStream.range(0, rows).mapToObj(row).toArray(double[][]::new);
  }
}
