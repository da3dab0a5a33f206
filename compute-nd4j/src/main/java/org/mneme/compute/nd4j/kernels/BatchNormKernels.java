// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.ValidRows;

/** Batch normalisation by column. */
final class BatchNormKernels {
  private final HostRuntime host;
  private final ChunkSums sums;

  BatchNormKernels(HostRuntime host) {
    this.host = host;
    this.sums = new ChunkSums(host);
  }

  /** {@code valid} is null where all rows take part. */
  void train(
      HostTensor x,
      HostTensor valid,
      HostTensor weight,
      HostTensor bias,
      float eps,
      float momentum,
      HostTensor runningMean,
      HostTensor runningVariance,
      HostTensor y,
      HostTensor mean,
      HostTensor rstd) {
    int width = Math.toIntExact(x.shape().columns());
    ValidRows rows = ValidRows.of(valid, x.shape().rows());
    long count = rows.count();
    float[] means = means(x, rows, width);
    // A second pass: the difference of two large sums would lose the variance.
    double[] squares =
        sums.overRows("batch_norm", count, width, 1, squares(x, rows, means, width))[0];
    float[] factors = new float[width];
    for (int i = 0; i < width; i++) {
      factors[i] = (float) (1 / Math.sqrt(squares[i] / Math.max(1, count) + eps));
    }
    mean.put(0, means, 0, width);
    rstd.put(0, factors, 0, width);
    if (runningMean != null && count > 1) {
      float[] unbiased = new float[width];
      for (int i = 0; i < width; i++) {
        unbiased[i] = (float) (squares[i] / (count - 1));
      }
      move(runningMean, means, momentum, width);
      move(runningVariance, unbiased, momentum, width);
    }
    normalise(x, rows, means, factors, weight, bias, y);
  }

  private float[] means(HostTensor x, ValidRows rows, int width) {
    double[][] totals =
        sums.overRows(
            "batch_norm",
            rows.count(),
            width,
            1,
            (from, to, worker, all) -> {
              float[] sum = all[0];
              float[] row = host.tiles(worker).floats(0, width);
              for (long r = from; r < to; r++) {
                x.get(rows.row(r) * width, row, 0, width);
                for (int i = 0; i < width; i++) {
                  sum[i] += row[i];
                }
              }
            });
    return means(totals[0], rows.count());
  }

  private ChunkSums.RowsTask squares(HostTensor x, ValidRows rows, float[] means, int width) {
    return (from, to, worker, all) -> {
      float[] sum = all[0];
      float[] row = host.tiles(worker).floats(0, width);
      for (long r = from; r < to; r++) {
        x.get(rows.row(r) * width, row, 0, width);
        for (int i = 0; i < width; i++) {
          float difference = row[i] - means[i];
          sum[i] += difference * difference;
        }
      }
    };
  }

  private static void move(HostTensor running, float[] now, float momentum, int width) {
    float[] old = new float[width];
    running.get(0, old, 0, width);
    for (int i = 0; i < width; i++) {
      old[i] = (1f - momentum) * old[i] + momentum * now[i];
    }
    running.put(0, old, 0, width);
  }

  void evaluate(
      HostTensor x,
      HostTensor weight,
      HostTensor bias,
      float eps,
      HostTensor runningMean,
      HostTensor runningVariance,
      HostTensor y) {
    int width = Math.toIntExact(x.shape().columns());
    float[] means = vector(runningMean, width);
    float[] factors = vector(runningVariance, width);
    for (int i = 0; i < width; i++) {
      factors[i] = (float) (1 / Math.sqrt(factors[i] + (double) eps));
    }
    normalise(x, ValidRows.of(null, x.shape().rows()), means, factors, weight, bias, y);
  }

  /** y = (x − mean)·factor·weight + bias, and 0 in rows that take no part. */
  private void normalise(
      HostTensor x,
      ValidRows rows,
      float[] means,
      float[] factors,
      HostTensor weight,
      HostTensor bias,
      HostTensor y) {
    int width = means.length;
    float[] w = vector(weight, width);
    float[] b = vector(bias, width);
    forRows(
        x,
        (r, tiles) -> {
          float[] row = tiles.floats(0, width);
          x.get(r * width, row, 0, width);
          for (int i = 0; i < width; i++) {
            row[i] = (row[i] - means[i]) * factors[i] * w[i] + b[i];
          }
          if (!rows.has(r)) {
            Arrays.fill(row, 0, width, 0f);
          }
          y.put(r * width, row, 0, width);
        });
  }

  /**
   * With x̂ = (x − mean)·rstd: dw += Σ dy·x̂, db += Σ dy, dx = w·rstd·(dy − (Σ dy + x̂·Σ dy·x̂)/N).
   */
  void backward(
      HostTensor dy,
      HostTensor x,
      HostTensor valid,
      HostTensor weight,
      HostTensor mean,
      HostTensor rstd,
      HostTensor dx,
      HostTensor dWeight,
      HostTensor dBias) {
    int width = Math.toIntExact(x.shape().columns());
    ValidRows rows = ValidRows.of(valid, x.shape().rows());
    long count = rows.count();
    float[] means = vector(mean, width);
    float[] factors = vector(rstd, width);
    float[] w = vector(weight, width);
    double[][] both =
        sums.overRows("batch_norm", count, width, 2, gradients(dy, x, rows, means, factors));
    double[] db = both[0];
    double[] dw = both[1];
    float[] meanDy = means(db, count);
    float[] meanProduct = means(dw, count);
    forRows(
        x,
        (r, tiles) -> {
          float[] row = tiles.floats(0, width);
          float[] gradient = tiles.floats(1, width);
          x.get(r * width, row, 0, width);
          dy.get(r * width, gradient, 0, width);
          for (int i = 0; i < width; i++) {
            float normal = (row[i] - means[i]) * factors[i];
            row[i] = w[i] * factors[i] * (gradient[i] - meanDy[i] - normal * meanProduct[i]);
          }
          if (!rows.has(r)) {
            Arrays.fill(row, 0, width, 0f);
          }
          dx.put(r * width, row, 0, width);
        });
    sums.addTo(dWeight, dw);
    sums.addTo(dBias, db);
  }

  /** Sums of dy, and of dy·x̂. */
  private ChunkSums.RowsTask gradients(
      HostTensor dy, HostTensor x, ValidRows rows, float[] means, float[] factors) {
    int width = means.length;
    return (from, to, worker, all) -> {
      float[] db = all[0];
      float[] dw = all[1];
      float[] row = host.tiles(worker).floats(0, width);
      float[] gradient = host.tiles(worker).floats(1, width);
      for (long r = from; r < to; r++) {
        x.get(rows.row(r) * width, row, 0, width);
        dy.get(rows.row(r) * width, gradient, 0, width);
        for (int i = 0; i < width; i++) {
          db[i] += gradient[i];
          dw[i] += gradient[i] * (row[i] - means[i]) * factors[i];
        }
      }
    };
  }

  private static float[] means(double[] totals, long rows) {
    float[] means = new float[totals.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (totals[i] / Math.max(1, rows));
    }
    return means;
  }

  private void forRows(HostTensor x, RowTask task) {
    host.workers()
        .forRange(
            x.shape().rows(),
            RowTiles.rows(Math.toIntExact(x.shape().columns())),
            (from, to, worker) -> {
              for (long row = from; row < to; row++) {
                task.run(row, host.tiles(worker));
              }
            });
  }

  private static float[] vector(HostTensor tensor, int width) {
    float[] values = new float[width];
    tensor.get(0, values, 0, width);
    return values;
  }

  @FunctionalInterface
  private interface RowTask {
    void run(long row, Tiles tiles);
  }
}
