// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.context;

import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Workers;

/** Weights of the tokens read for a position, and their gradient. */
final class PlaceWeights {
  private static final int ROWS = 128;

  private final HostRuntime host;

  PlaceWeights(HostRuntime host) {
    this.host = host;
  }

  void forward(
      HostTensor logits,
      HostTensor kinds,
      HostTensor bias,
      HostTensor weights,
      HostTensor slotWeights) {
    Extents e = Extents.of(weights, kinds, bias);
    float[] biases = new float[e.biases()];
    bias.get(0, biases, 0, biases.length);
    host.workers()
        .forRange(
            kinds.shape().rows(),
            ROWS,
            (from, to, worker) -> {
              int rows = (int) (to - from);
              float[] x = host.tiles(worker).floats(0, e.weights(rows));
              float[] sums = host.tiles(worker).floats(1, rows * e.slots);
              int[] kind = host.tiles(worker).ints(0, rows * e.slots);
              logits.get(from * e.columns, x, 0, e.weights(rows));
              kinds.get(from * e.slots, kind, 0, rows * e.slots);
              for (int slot = 0; slot < rows * e.slots; slot++) {
                sums[slot] = weigh(e, x, slot, Math.min(kind[slot], e.classes), biases);
              }
              weights.put(from * e.columns, x, 0, e.weights(rows));
              slotWeights.put(from * e.slots, sums, 0, rows * e.slots);
            });
  }

  /** Turns the logits of a slot into weights and returns their sum. */
  private static float weigh(Extents e, float[] x, int slot, int kind, float[] biases) {
    float sum = 0;
    int column = slot % e.slots * e.places;
    for (int k = 0; k < e.places; k++) {
      int at = slot * e.places + k;
      if (kind == 0) {
        x[at] = 0;
      } else {
        float logit = x[at] + biases[(column + k) * e.classes + kind - 1];
        x[at] = (float) (1 / (1 + Math.exp(-logit)));
      }
      sum += x[at];
    }
    return sum;
  }

  void backward(
      HostTensor dLogWeights,
      HostTensor kinds,
      HostTensor weights,
      HostTensor dLogits,
      HostTensor dBias) {
    Extents e = Extents.of(weights, kinds, dBias);
    long count = kinds.shape().rows();
    int size = e.biases();
    float[][] parts = new float[Math.toIntExact(Workers.chunks(count, ROWS))][];
    host.workers()
        .forRange(
            count,
            ROWS,
            (from, to, worker) -> {
              int rows = (int) (to - from);
              float[] d = host.tiles(worker).floats(0, e.weights(rows));
              float[] w = host.tiles(worker).floats(1, e.weights(rows));
              int[] kind = host.tiles(worker).ints(0, rows * e.slots);
              dLogWeights.get(from * e.columns, d, 0, e.weights(rows));
              weights.get(from * e.columns, w, 0, e.weights(rows));
              kinds.get(from * e.slots, kind, 0, rows * e.slots);
              for (int i = 0; i < e.weights(rows); i++) {
                d[i] *= 1 - w[i];
              }
              dLogits.put(from * e.columns, d, 0, e.weights(rows));
              parts[(int) (from / ROWS)] = dBias == null ? null : biasPart(e, d, kind, rows);
            });
    if (dBias != null) {
      addInOrder(parts, size, dBias);
    }
  }

  private static float[] biasPart(Extents e, float[] d, int[] kinds, int rows) {
    float[] part = new float[e.biases()];
    for (int slot = 0; slot < rows * e.slots; slot++) {
      int kind = Math.min(kinds[slot], e.classes);
      for (int k = 0; kind > 0 && k < e.places; k++) {
        int column = slot % e.slots * e.places + k;
        part[column * e.classes + kind - 1] += d[slot * e.places + k];
      }
    }
    return part;
  }

  private static void addInOrder(float[][] parts, int size, HostTensor dBias) {
    float[] sums = new float[size];
    float[] total = new float[size];
    for (float[] part : parts) {
      for (int i = 0; i < size; i++) {
        sums[i] += part[i];
      }
    }
    dBias.get(0, total, 0, size);
    for (int i = 0; i < size; i++) {
      total[i] += sums[i];
    }
    dBias.put(0, total, 0, size);
  }

  /** S, K, S·K and C. */
  private record Extents(int slots, int places, int columns, int classes) {
    static Extents of(HostTensor weights, HostTensor kinds, HostTensor bias) {
      int columns = Math.toIntExact(weights.shape().columns());
      int slots = Math.toIntExact(kinds.shape().columns());
      int classes = bias == null ? 0 : Math.toIntExact(bias.shape().columns());
      return new Extents(slots, columns / slots, columns, classes);
    }

    int biases() {
      return Math.multiplyExact(columns, classes);
    }

    int weights(int rows) {
      return Math.multiplyExact(rows, columns);
    }
  }
}
