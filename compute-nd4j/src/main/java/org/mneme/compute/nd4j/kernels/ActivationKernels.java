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
              gated(g, s, v, n);
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
              gradient(d, s, g, v, n);
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
              int n = (int) (to - from) * half;
              float[] g = tiles.floats(0, n);
              float[] v = tiles.floats(1, n);
              float[] s = tiles.floats(2, n);
              getHalves(gateUp, from, to, half, g, v);
              vectors.sigmoid(g, 0, s, 0, n);
              gated(g, s, v, n);
              out.put(from * half, s, 0, n);
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
              int n = (int) (to - from) * half;
              float[] g = tiles.floats(0, n);
              float[] v = tiles.floats(1, n);
              float[] s = tiles.floats(2, n);
              float[] d = tiles.floats(3, n);
              getHalves(gateUp, from, to, half, g, v);
              dOut.get(from * half, d, 0, n);
              vectors.sigmoid(g, 0, s, 0, n);
              gradient(d, s, g, v, n);
              for (long row = from; row < to; row++) {
                int at = (int) (row - from) * half;
                dGateUp.put(row * 2 * half, g, at, half);
                dGateUp.put(row * 2 * half + half, v, at, half);
              }
            });
  }

  /** Both halves of rows, each close together. */
  private static void getHalves(
      HostTensor gateUp, long from, long to, int half, float[] g, float[] v) {
    for (long row = from; row < to; row++) {
      int at = (int) (row - from) * half;
      gateUp.get(row * 2 * half, g, at, half);
      gateUp.get(row * 2 * half + half, v, at, half);
    }
  }

  /** s = g·s·v. */
  private static void gated(float[] g, float[] s, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      s[i] = g[i] * s[i] * v[i];
    }
  }

  /** g = d·v·σ·(1 + g·(1 − σ)) and v = d·g·σ, with the old g and v on the right. */
  private static void gradient(float[] d, float[] s, float[] g, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      float sigma = s[i];
      float gate = g[i];
      float out = d[i];
      g[i] = out * v[i] * sigma * (1f + gate * (1f - sigma));
      v[i] = out * gate * sigma;
    }
  }
}
