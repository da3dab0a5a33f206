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
              int rows = (int) (to - from);
              int length = rows * width;
              float[] tile = tiles.floats(0, length);
              float[] factors = tiles.floats(1, rows);
              float[] w = weight(weight, tiles.floats(2, width), width);
              x.get(from * width, tile, 0, length);
              if (branch != null) {
                float[] other = tiles.floats(3, length);
                branch.get(from * width, other, 0, length);
                add(other, tile, length);
                sum.put(from * width, tile, 0, length);
              }
              for (int row = 0; row < rows; row++) {
                float square = vectors.sumOfSquares(tile, row * width, width);
                factors[row] = (float) (1 / Math.sqrt(square / width + eps));
                scale(tile, row * width, w, factors[row], width);
              }
              y.put(from * width, tile, 0, length);
              rstd.put(from, factors, 0, rows);
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

  private static void scale(float[] x, int at, float[] w, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[at + i] = x[at + i] * factor * w[i];
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
      double[] totals =
          sums.overRows(
              "rms_norm_backward",
              rows,
              width,
              (from, to, worker, dw) -> {
                int grain = RowTiles.rows(width);
                for (long row = from; row < to; row += grain) {
                  task.run(row, Math.min(to, row + grain), host.tiles(worker), dw);
                }
              });
      sums.addTo(dWeight, totals);
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
      int rows = (int) (to - from);
      int length = rows * width;
      float[] tdy = tiles.floats(0, length);
      float[] tx = tiles.floats(1, length);
      float[] tdx = tiles.floats(2, length);
      float[] factors = tiles.floats(3, rows);
      float[] w = weight(weight, tiles.floats(4, width), width);
      dy.get(from * width, tdy, 0, length);
      x.get(from * width, tx, 0, length);
      rstd.get(from, factors, 0, rows);
      if (add) {
        dx.get(from * width, tdx, 0, length);
      } else {
        Arrays.fill(tdx, 0, length, 0f);
      }
      for (int row = 0; row < rows; row++) {
        int at = row * width;
        float r = factors[row];
        float s = vectors.dot(tdy, at, tx, at, w, 0, width);
        inputGradient(tdy, tx, w, r, r * r * r * s / width, tdx, at, width);
        if (dw != null) {
          weightGradient(tdy, tx, r, dw, at, width);
        }
      }
      dx.put(from * width, tdx, 0, length);
    }

    private static void inputGradient(
        float[] dy, float[] x, float[] w, float r, float c, float[] dx, int at, int n) {
      for (int i = 0; i < n; i++) {
        dx[at + i] += r * w[i] * dy[at + i] - c * x[at + i];
      }
    }

    private static void weightGradient(float[] dy, float[] x, float r, float[] dw, int at, int n) {
      for (int i = 0; i < n; i++) {
        dw[i] += dy[at + i] * x[at + i] * r;
      }
    }
  }
}
