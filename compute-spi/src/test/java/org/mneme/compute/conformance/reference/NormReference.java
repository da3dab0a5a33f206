// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

/** Root-mean-square and batch normalisation. */
public final class NormReference {
  private NormReference() {}

  /** Rows y and factors 1/√(mean(x²) + eps). */
  public record RmsNorm(double[] y, double[] rstd) {}

  /** Gradients of an input and of a weight. */
  public record Gradient(double[] dx, double[] dWeight, double[] dBias) {}

  /** Outputs and statistics of the columns; the running statistics after the move. */
  public record BatchNorm(
      double[] y, double[] mean, double[] rstd, double[] runningMean, double[] runningVariance) {}

  /** y = w · x / √(mean(x²) + eps); {@code weight} null for ones. */
  public static RmsNorm rmsNorm(double[] x, double[] weight, double eps, int rows) {
    int width = x.length / rows;
    double[] y = new double[x.length];
    double[] rstd = new double[rows];
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = 0; i < width; i++) {
        squares += x[row * width + i] * x[row * width + i];
      }
      rstd[row] = 1 / Math.sqrt(squares / width + eps);
      for (int i = 0; i < width; i++) {
        y[row * width + i] = (weight == null ? 1 : weight[i]) * x[row * width + i] * rstd[row];
      }
    }
    return new RmsNorm(y, rstd);
  }

  /** dx = r·(w·dy − x̂·mean(w·dy·x̂)), dw = Σ dy·x̂, where x̂ = r·x. */
  public static Gradient rmsNormBackward(double[] dy, double[] x, double[] weight, double[] rstd) {
    int rows = rstd.length;
    int width = x.length / rows;
    double[] dx = new double[x.length];
    double[] dWeight = new double[width];
    for (int row = 0; row < rows; row++) {
      double mean = 0;
      for (int i = 0; i < width; i++) {
        int at = row * width + i;
        double normal = x[at] * rstd[row];
        mean += (weight == null ? 1 : weight[i]) * dy[at] * normal / width;
        dWeight[i] += dy[at] * normal;
      }
      for (int i = 0; i < width; i++) {
        int at = row * width + i;
        double scaled = (weight == null ? 1 : weight[i]) * dy[at];
        dx[at] = rstd[row] * (scaled - x[at] * rstd[row] * mean);
      }
    }
    return new Gradient(dx, dWeight, null);
  }

  /**
   * Batch normalisation with the statistics of these rows.
   *
   * @param valid of each row; null for all
   */
  public static BatchNorm batchNorm(
      double[] x,
      boolean[] valid,
      double[] weight,
      double[] bias,
      double eps,
      double momentum,
      double[] runningMean,
      double[] runningVariance) {
    int width = weight.length;
    int rows = count(valid, x.length / width);
    double[] mean = new double[width];
    double[] variance = new double[width];
    for (int i = 0; i < x.length; i++) {
      mean[i % width] += has(valid, i / width) ? x[i] / rows : 0;
    }
    for (int i = 0; i < x.length; i++) {
      double difference = x[i] - mean[i % width];
      variance[i % width] += has(valid, i / width) ? difference * difference / rows : 0;
    }
    double[] rstd = new double[width];
    double[] movedMean = new double[width];
    double[] movedVariance = new double[width];
    for (int c = 0; c < width; c++) {
      rstd[c] = 1 / Math.sqrt(variance[c] + eps);
      double unbiased = variance[c] * rows / (rows - 1);
      double share = rows < 2 ? 0 : momentum;
      movedMean[c] = (1 - share) * runningMean[c] + share * mean[c];
      movedVariance[c] = (1 - share) * runningVariance[c] + (share == 0 ? 0 : share * unbiased);
    }
    double[] y = batchNormEvaluate(x, weight, bias, eps, mean, variance);
    for (int i = 0; i < y.length; i++) {
      y[i] = has(valid, i / width) ? y[i] : 0;
    }
    return new BatchNorm(y, mean, rstd, movedMean, movedVariance);
  }

  private static boolean has(boolean[] valid, int row) {
    return valid == null || valid[row];
  }

  private static int count(boolean[] valid, int rows) {
    int count = 0;
    for (int row = 0; row < rows; row++) {
      count += has(valid, row) ? 1 : 0;
    }
    return count;
  }

  /** y = w·(x − mean)/√(variance + eps) + b. */
  public static double[] batchNormEvaluate(
      double[] x, double[] weight, double[] bias, double eps, double[] mean, double[] variance) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % weight.length;
      y[i] = weight[c] * (x[i] - mean[c]) / Math.sqrt(variance[c] + eps) + bias[c];
    }
    return y;
  }

  /** dx = w·r·(dy − mean(dy) − x̂·mean(dy·x̂)) by column, where x̂ = r·(x − mean). */
  public static Gradient batchNormBackward(
      double[] dy, double[] x, boolean[] valid, double[] weight, double[] mean, double[] rstd) {
    int width = weight.length;
    int rows = Math.max(1, count(valid, x.length / width));
    double[] dWeight = new double[width];
    double[] dBias = new double[width];
    for (int i = 0; i < x.length; i++) {
      int c = i % width;
      if (!has(valid, i / width)) {
        continue;
      }
      dWeight[c] += dy[i] * (x[i] - mean[c]) * rstd[c];
      dBias[c] += dy[i];
    }
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % width;
      double normal = (x[i] - mean[c]) * rstd[c];
      double centred = dy[i] - dBias[c] / rows - normal * dWeight[c] / rows;
      dx[i] = has(valid, i / width) ? weight[c] * rstd[c] * centred : 0;
    }
    return new Gradient(dx, dWeight, dBias);
  }
}
