// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.put;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.RandomKernels;

/** Random numbers of a generator that is seeded anew for each element. */
final class PlainRandomKernels implements RandomKernels {
  private static void fill(Tensor out, long seed, ToDoubleFunction<SplittableRandom> draw) {
    long start = new SplittableRandom(seed).nextLong();
    double[] values = new double[(int) out.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = draw.applyAsDouble(new SplittableRandom(start + i));
    }
    put(out, values);
  }

  @Override
  public void normal(Tensor out, float mean, float standardDeviation, long seed) {
    fill(
        out,
        seed,
        random -> {
          double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
          return mean + standardDeviation * radius * Math.cos(2 * Math.PI * random.nextDouble());
        });
  }

  @Override
  public void uniform(Tensor out, float low, float high, long seed) {
    float below = Math.nextDown(high);
    fill(out, seed, random -> Math.min(below, (float) (low + (high - low) * random.nextDouble())));
  }

  @Override
  public void uniformInts(Tensor out, int low, int high, long seed) {
    fill(out, seed, random -> random.nextInt(low, high));
  }
}
