// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** Runs loops on small arrays until one implementation of them is as fast as another. */
final class VectorsWarmUp {
  private static final long LIMIT_NANOS = 30_000_000_000L;
  private static final int LENGTH = 259;
  private static final int CALLS = 200;

  private final Vectors plain;
  private final Vectors candidate;
  private final float[] x = new float[LENGTH];
  private final float[] y = new float[LENGTH];

  VectorsWarmUp(Vectors plain, Vectors candidate) {
    this.plain = plain;
    this.candidate = candidate;
  }

  /** Whether the candidate has become faster before the time was up. */
  boolean untilFaster(BooleanSupplier stop) {
    long start = System.nanoTime();
    while (!stop.getAsBoolean() && System.nanoTime() - start < LIMIT_NANOS) {
      // Both are timed in every round, since the plain loops get faster too.
      if (nanos(candidate) < nanos(plain)) {
        return true;
      }
    }
    return false;
  }

  private long nanos(Vectors vectors) {
    Arrays.fill(y, 0.5f);
    float sink = 0;
    long start = System.nanoTime();
    for (int call = 0; call < CALLS; call++) {
      Arrays.fill(x, 0.25f);
      sink += vectors.sum(x, 0, LENGTH);
      sink += vectors.sumOfSquares(x, 0, LENGTH);
      sink += vectors.dot(x, 0, y, 0, LENGTH);
      sink += vectors.dot(x, 0, y, 0, y, 0, LENGTH);
      sink += vectors.max(x, 0, LENGTH);
      sink += vectors.expSum(x, 0, 1f, 1f, LENGTH);
      vectors.sigmoid(x, 0, y, 0, LENGTH);
    }
    long nanos = System.nanoTime() - start;
    // The sum is used, so that no loop is left out; it is never NaN.
    return Float.isNaN(sink) ? Long.MAX_VALUE : nanos;
  }
}
