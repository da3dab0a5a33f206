// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/** RMSNorm: y = w·x·r, r = 1/√(mean(x²) + eps). */
final class NormKernels {
  private final HostRuntime host;
  private final ChunkSums sums;

  NormKernels(HostRuntime host) {
    this.host = host;
    this.sums = new ChunkSums(host);
  }

  /** Normalises x + branch, which goes to {@code sum}; without a branch, x. */
  void forward(
      HostTensor x,
      HostTensor branch,
      HostTensor weight,
      float eps,
      HostTensor sum,
      HostTensor y,
      HostTensor rstd) {
    int width = Math.toIntExact(x.shape().columns());
    int grain = RowTiles.rows(width);
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            x.shape().rows(),
            grain,
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              float[] row = tiles.floats(0, width);
              float[] other = tiles.floats(1, width);
              float[] w = weight(weight, tiles.floats(2, width), width);
              float[] factors = tiles.floats(3, grain);
              for (long r = from; r < to; r++) {
                x.get(r * width, row, 0, width);
                if (branch != null) {
                  branch.get(r * width, other, 0, width);
                  add(other, row, width);
                  sum.put(r * width, row, 0, width);
                }
                float square = vectors.sumOfSquares(row, 0, width);
                float factor = (float) (1 / Math.sqrt(square / width + eps));
                scale(row, w, factor, width);
                y.put(r * width, row, 0, width);
                factors[(int) (r - from)] = factor;
              }
              rstd.put(from, factors, 0, (int) (to - from));
            });
  }

  private static float[] weight(HostTensor weight, float[] tile, int width) {
    if (weight == null) {
      Arrays.fill(tile, 0, width, 1f);
    } else {
      weight.get(0, tile, 0, width);
    }
    return tile;
  }

  private static void add(float[] from, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += from[i];
    }
  }

  private static void scale(float[] x, float[] w, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = x[i] * factor * w[i];
    }
  }

  /** dx = r·(w·dy − x·r²/d·Σ w·dy·x); dw += Σ over rows of dy·x·r. */
  void backward(
      HostTensor dy,
      HostTensor x,
      HostTensor weight,
      HostTensor rstd,
      boolean add,
      HostTensor dx,
      HostTensor dWeight) {
    int width = Math.toIntExact(x.shape().columns());
    long rows = x.shape().rows();
    Backward task = new Backward(host, width, dy, x, weight, rstd, add, dx);
    if (dWeight == null) {
      host.workers()
          .forRange(
              rows,
              RowTiles.rows(width),
              (from, to, worker) -> task.run(from, to, host.tiles(worker), null));
    } else {
      double[][] totals =
          sums.overRows(
              "rms_norm_backward",
              rows,
              width,
              1,
              (from, to, worker, dw) -> task.run(from, to, host.tiles(worker), dw[0]));
      sums.addTo(dWeight, totals[0]);
    }
  }

  /** The backward of one tile of rows. */
  private static final class Backward {
    private final int width;
    private final HostTensor dy;
    private final HostTensor x;
    private final HostTensor weight;
    private final HostTensor rstd;
    private final boolean add;
    private final HostTensor dx;
    private final Vectors vectors;

    Backward(
        HostRuntime host,
        int width,
        HostTensor dy,
        HostTensor x,
        HostTensor weight,
        HostTensor rstd,
        boolean add,
        HostTensor dx) {
      this.width = width;
      this.dy = dy;
      this.x = x;
      this.weight = weight;
      this.rstd = rstd;
      this.add = add;
      this.dx = dx;
      this.vectors = host.vectors();
    }

    void run(long from, long to, Tiles tiles, float[] dw) {
      float[] tdy = tiles.floats(0, width);
      float[] tx = tiles.floats(1, width);
      float[] tdx = tiles.floats(2, width);
      float[] w = weight(weight, tiles.floats(3, width), width);
      float[] factors = tiles.floats(4, (int) (to - from));
      rstd.get(from, factors, 0, (int) (to - from));
      for (long row = from; row < to; row++) {
        dy.get(row * width, tdy, 0, width);
        x.get(row * width, tx, 0, width);
        if (add) {
          dx.get(row * width, tdx, 0, width);
        } else {
          Arrays.fill(tdx, 0, width, 0f);
        }
        float r = factors[(int) (row - from)];
        float s = vectors.dot(tdy, 0, tx, 0, w, 0, width);
        inputGradient(tdy, tx, w, r, r * r * r * s / width, tdx, width);
        dx.put(row * width, tdx, 0, width);
        if (dw != null) {
          weightGradient(tdy, tx, r, dw, width);
        }
      }
    }

    private static void inputGradient(
        float[] dy, float[] x, float[] w, float r, float c, float[] dx, int n) {
      for (int i = 0; i < n; i++) {
        dx[i] += r * w[i] * dy[i] - c * x[i];
      }
    }

    private static void weightGradient(float[] dy, float[] x, float r, float[] dw, int n) {
      for (int i = 0; i < n; i++) {
        dw[i] += dy[i] * x[i] * r;
      }
    }
  }
}
