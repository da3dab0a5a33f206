// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Vectors;

/** Parameter updates. */
public final class Nd4jOptimizerKernels implements OptimizerKernels {
  private static final int TILE = 4096;
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
  public void clipFactor(Tensor sumOfSquares, float maxNorm, Tensor factor) {
    double norm = Math.sqrt(HostTensor.of(sumOfSquares).getFloat(0));
    HostTensor.of(factor).putFloat(0, (float) Math.min(1, maxNorm / (norm + CLIP_EPS)));
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
    HostTensor w = HostTensor.of(weights);
    HostTensor g = HostTensor.of(gradient);
    HostTensor m = HostTensor.of(moment1);
    HostTensor v = HostTensor.of(moment2);
    float factor = HostTensor.of(gradientFactor).getFloat(0);
    float[] now = new float[3];
    HostTensor.of(schedule).get(0, now, 0, 3);
    Step step = new Step(settings, now, factor);
    host.workers()
        .forRange(
            w.elementCount(),
            TILE,
            (from, to, worker) -> {
              int n = (int) (to - from);
              float[] tw = host.tiles(worker).floats(0, TILE);
              float[] tg = host.tiles(worker).floats(1, TILE);
              float[] tm = host.tiles(worker).floats(2, TILE);
              float[] tv = host.tiles(worker).floats(3, TILE);
              w.get(from, tw, 0, n);
              g.get(from, tg, 0, n);
              m.get(from, tm, 0, n);
              v.get(from, tv, 0, n);
              step.apply(tw, tg, tm, tv, n);
              w.put(from, tw, 0, n);
              m.put(from, tm, 0, n);
              v.put(from, tv, 0, n);
            });
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
