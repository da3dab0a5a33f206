// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * Element-wise operations: sums, and products with silu(g) = g·σ(g), whose derivative is σ·(1 +
 * g·(1 − σ)).
 */
final class ActivationKernels {
  private static final int TILE = RowTiles.ELEMENTS;

  private final HostRuntime host;

  ActivationKernels(HostRuntime host) {
    this.host = host;
  }

  void add(HostTensor a, HostTensor b, HostTensor out) {
    host.workers()
        .forRange(
            out.elementCount(),
            TILE,
            (from, to, worker) -> {
              int n = (int) (to - from);
              float[] ta = host.tiles(worker).floats(0, TILE);
              float[] tb = host.tiles(worker).floats(1, TILE);
              a.get(from, ta, 0, n);
              b.get(from, tb, 0, n);
              for (int i = 0; i < n; i++) {
                ta[i] += tb[i];
              }
              out.put(from, ta, 0, n);
            });
  }

  void siluGate(HostTensor gate, HostTensor value, HostTensor out) {
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            out.elementCount(),
            TILE,
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int n = (int) (to - from);
              float[] g = tiles.floats(0, TILE);
              float[] v = tiles.floats(1, TILE);
              float[] s = tiles.floats(2, TILE);
              gate.get(from, g, 0, n);
              value.get(from, v, 0, n);
              vectors.sigmoid(g, 0, s, 0, n);
              gated(g, 0, s, v, 0, s, 0, n);
              out.put(from, s, 0, n);
            });
  }

  void siluGateBackward(
      HostTensor dOut, HostTensor gate, HostTensor value, HostTensor dGate, HostTensor dValue) {
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            dOut.elementCount(),
            TILE,
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int n = (int) (to - from);
              float[] d = tiles.floats(0, TILE);
              float[] g = tiles.floats(1, TILE);
              float[] v = tiles.floats(2, TILE);
              float[] s = tiles.floats(3, TILE);
              dOut.get(from, d, 0, n);
              gate.get(from, g, 0, n);
              value.get(from, v, 0, n);
              vectors.sigmoid(g, 0, s, 0, n);
              gradient(d, 0, s, 0, g, 0, v, 0, n);
              dGate.put(from, g, 0, n);
              dValue.put(from, v, 0, n);
            });
  }

  void swiGlu(HostTensor gateUp, HostTensor out) {
    int half = Math.toIntExact(out.shape().columns());
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            out.shape().rows(),
            RowTiles.rows(half),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int rows = (int) (to - from);
              float[] both = tiles.floats(0, 2 * rows * half);
              float[] s = tiles.floats(1, rows * half);
              gateUp.get(from * 2 * half, both, 0, 2 * rows * half);
              for (int row = 0; row < rows; row++) {
                int at = row * half;
                vectors.sigmoid(both, 2 * at, s, at, half);
                gated(both, 2 * at, s, both, 2 * at + half, s, at, half);
              }
              out.put(from * half, s, 0, rows * half);
            });
  }

  void swiGluBackward(HostTensor dOut, HostTensor gateUp, HostTensor dGateUp) {
    int half = Math.toIntExact(dOut.shape().columns());
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            dOut.shape().rows(),
            RowTiles.rows(half),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int rows = (int) (to - from);
              float[] both = tiles.floats(0, 2 * rows * half);
              float[] s = tiles.floats(1, rows * half);
              float[] d = tiles.floats(2, rows * half);
              gateUp.get(from * 2 * half, both, 0, 2 * rows * half);
              dOut.get(from * half, d, 0, rows * half);
              for (int row = 0; row < rows; row++) {
                int at = row * half;
                vectors.sigmoid(both, 2 * at, s, at, half);
                gradient(d, at, s, at, both, 2 * at, both, 2 * at + half, half);
              }
              dGateUp.put(from * 2 * half, both, 0, 2 * rows * half);
            });
  }

  /** out = g·s·v, where {@code s} begins where {@code out} does. */
  private static void gated(
      float[] g, int gAt, float[] s, float[] v, int vAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = g[gAt + i] * s[outAt + i] * v[vAt + i];
    }
  }

  /** g = d·v·σ·(1 + g·(1 − σ)) and v = d·g·σ, with the old g and v on the right. */
  private static void gradient(
      float[] d, int dAt, float[] s, int sAt, float[] g, int gAt, float[] v, int vAt, int n) {
    for (int i = 0; i < n; i++) {
      float sigma = s[sAt + i];
      float gate = g[gAt + i];
      float out = d[dAt + i];
      float value = v[vAt + i];
      g[gAt + i] = out * value * sigma * (1f + gate * (1f - sigma));
      v[vAt + i] = out * gate * sigma;
    }
  }
}
