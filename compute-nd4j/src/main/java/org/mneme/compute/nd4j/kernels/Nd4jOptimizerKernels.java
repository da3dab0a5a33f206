// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/** Parameter updates. */
public final class Nd4jOptimizerKernels implements OptimizerKernels {
  private static final int TILE = 4096;

  /** Rows of a task. */
  private static final int ROWS = 16;

  private static final float CLIP_EPS = 1e-6f;

  private final HostRuntime host;
  private final ChunkSums sums;

  /** Kernels that work with {@code host}. */
  public Nd4jOptimizerKernels(HostRuntime host) {
    this.host = host;
    this.sums = new ChunkSums(host);
  }

  @Override
  public void sumOfSquares(Tensor x, Accumulation mode, Tensor out) {
    Vectors vectors = host.vectors();
    float sum =
        (float) sums.overTiles(HostTensor.of(x), (tile, n) -> vectors.sumOfSquares(tile, 0, n));
    HostTensor target = HostTensor.of(out);
    target.putFloat(0, mode == Accumulation.ADD ? target.getFloat(0) + sum : sum);
  }

  @Override
  public void clipFactors(Tensor sumsOfSquares, Tensor maxNorms, Tensor factors, Tensor skipped) {
    int parts = Math.toIntExact(sumsOfSquares.elementCount());
    float[] sums = floats(sumsOfSquares, parts);
    float[] limits = floats(maxNorms, parts);
    boolean finite = true;
    for (float sum : sums) {
      finite &= Float.isFinite(sum);
    }
    float[] result = new float[parts];
    for (int i = 0; i < parts; i++) {
      double factor = Math.min(1, limits[i] / (Math.sqrt(sums[i]) + CLIP_EPS));
      result[i] = finite ? (float) factor : Float.NaN;
    }
    HostTensor.of(factors).put(0, result, 0, parts);
    if (!finite) {
      int[] count = new int[1];
      HostTensor.of(skipped).get(0, count, 0, 1);
      HostTensor.of(skipped).put(0, new int[] {count[0] + 1}, 0, 1);
    }
  }

  private static float[] floats(Tensor tensor, int count) {
    float[] values = new float[count];
    HostTensor.of(tensor).get(0, values, 0, count);
    return values;
  }

  @Override
  public void restoreUnlessFinite(Tensor condition, Tensor saved, Tensor target) {
    if (Float.isFinite(HostTensor.of(condition).getFloat(0))) {
      return;
    }
    HostTensor from = HostTensor.of(saved);
    HostTensor to = HostTensor.of(target);
    host.workers()
        .forRange(
            saved.elementCount(),
            TILE,
            (first, end, worker) -> {
              int n = (int) (end - first);
              // Bits, whatever they mean.
              int[] tile = host.tiles(worker).ints(0, n);
              from.get(first, tile, 0, n);
              to.put(first, tile, 0, n);
            });
  }

  @Override
  public void adamW(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    // There is no other floating type on this device that a copy could have.
    State state = State.of(weights, gradient, moment1, moment2);
    Step step = step(settings, schedule, gradientFactor);
    if (!step.applies()) {
      return;
    }
    host.workers()
        .forRange(
            weights.elementCount(),
            TILE,
            (from, to, worker) -> state.move(from, (int) (to - from), host.tiles(worker), step));
  }

  @Override
  public void sumOfSquaresRows(
      Tensor x, Tensor rows, Tensor rowCount, Accumulation mode, Tensor out) {
    HostTensor source = HostTensor.of(x);
    int width = Math.toIntExact(x.shape().columns());
    int[] list = listed(rows, rowCount);
    double[] squares = new double[list.length];
    host.workers()
        .forRange(
            list.length,
            ROWS,
            (from, to, worker) -> {
              float[] row = host.tiles(worker).floats(0, width);
              for (int i = (int) from; i < to; i++) {
                source.get((long) list[i] * width, row, 0, width);
                squares[i] = host.vectors().sumOfSquares(row, 0, width);
              }
            });
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    HostTensor target = HostTensor.of(out);
    float old = mode == Accumulation.ADD ? target.getFloat(0) : 0;
    target.putFloat(0, (float) (old + sum));
  }

  @Override
  public void adamWRows(
      Tensor weights,
      Tensor gradient,
      Tensor moment1,
      Tensor moment2,
      Tensor copy,
      Tensor rows,
      Tensor rowCount,
      AdamWSettings settings,
      Tensor schedule,
      Tensor gradientFactor) {
    State state = State.of(weights, gradient, moment1, moment2);
    Step step = step(settings, schedule, gradientFactor);
    if (!step.applies()) {
      return;
    }
    int width = Math.toIntExact(weights.shape().columns());
    int[] list = listed(rows, rowCount);
    host.workers()
        .forRange(
            list.length,
            ROWS,
            (from, to, worker) -> {
              for (int i = (int) from; i < to; i++) {
                state.move((long) list[i] * width, width, host.tiles(worker), step);
              }
            });
  }

  private static int[] listed(Tensor rows, Tensor rowCount) {
    int[] count = new int[1];
    HostTensor.of(rowCount).get(0, count, 0, 1);
    int[] list = new int[count[0]];
    HostTensor.of(rows).get(0, list, 0, list.length);
    return list;
  }

  private static Step step(AdamWSettings settings, Tensor schedule, Tensor gradientFactor) {
    float[] now = new float[3];
    HostTensor.of(schedule).get(0, now, 0, 3);
    return new Step(settings, now, HostTensor.of(gradientFactor).getFloat(0));
  }

  /** What a step moves, and what by. */
  private record State(HostTensor w, HostTensor g, HostTensor m, HostTensor v) {
    static State of(Tensor weights, Tensor gradient, Tensor moment1, Tensor moment2) {
      return new State(
          HostTensor.of(weights),
          HostTensor.of(gradient),
          HostTensor.of(moment1),
          HostTensor.of(moment2));
    }

    /** Moves {@code n} elements. */
    void move(long from, int n, Tiles tiles, Step step) {
      float[] tw = tiles.floats(0, n);
      float[] tg = tiles.floats(1, n);
      float[] tm = tiles.floats(2, n);
      float[] tv = tiles.floats(3, n);
      w.get(from, tw, 0, n);
      g.get(from, tg, 0, n);
      m.get(from, tm, 0, n);
      v.get(from, tv, 0, n);
      step.apply(tw, tg, tm, tv, n);
      w.put(from, tw, 0, n);
      m.put(from, tm, 0, n);
      v.put(from, tv, 0, n);
    }
  }

  /** The constants of one step, and its loop. */
  private static final class Step {
    private final float beta1;
    private final float beta2;
    private final float eps;
    private final float factor;
    private final float keep;
    private final float rate;
    private final float inverse2;

    Step(AdamWSettings settings, float[] schedule, float factor) {
      float lr = schedule[0];
      this.beta1 = settings.beta1();
      this.beta2 = settings.beta2();
      this.eps = settings.eps();
      this.factor = factor;
      this.keep = 1f - lr * settings.weightDecay();
      this.rate = lr / schedule[1];
      this.inverse2 = 1f / schedule[2];
    }

    /** Whether the step changes anything: 0 · NaN is NaN, so a factor of 0 would not do. */
    boolean applies() {
      return Float.isFinite(factor);
    }

    void apply(float[] w, float[] g, float[] m, float[] v, int n) {
      // In locals, or the compiler does not vectorise the loop.
      float b1 = beta1;
      float a1 = 1f - beta1;
      float b2 = beta2;
      float a2 = 1f - beta2;
      float e = eps;
      float f = factor;
      float k = keep;
      float r = rate;
      float c = inverse2;
      for (int i = 0; i < n; i++) {
        float gradient = f * g[i];
        float first = b1 * m[i] + a1 * gradient;
        float second = b2 * v[i] + a2 * gradient * gradient;
        m[i] = first;
        v[i] = second;
        w[i] = k * w[i] - r * first / ((float) Math.sqrt(second * c) + e);
      }
    }
  }
}
