// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mneme.compute.nd4j.host.Vectors;

/**
 * Loops with {@code jdk.incubator.vector}, eight lanes wide on every machine so that results agree
 * with {@link PlainVectors}. To be loaded only where the module is.
 */
public final class PanamaVectors implements Vectors {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;
  private static final int LANES = 8;

  /**
   * Loops for this machine.
   *
   * @throws UnsupportedOperationException if its registers hold fewer than eight floats
   */
  public PanamaVectors() {
    int length = FloatVector.SPECIES_PREFERRED.length();
    if (length < LANES) {
      throw new UnsupportedOperationException(
          "vector registers hold " + length + " floats, " + LANES + " are needed");
    }
  }

  private static float total(FloatVector v) {
    return ((v.lane(0) + v.lane(4)) + (v.lane(2) + v.lane(6)))
        + ((v.lane(1) + v.lane(5)) + (v.lane(3) + v.lane(7)));
  }

  @Override
  public float sum(float[] x, int at, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int bound = n & -LANES;
    for (int i = 0; i < bound; i += LANES) {
      sums = sums.add(FloatVector.fromArray(SPECIES, x, at + i));
    }
    float sum = total(sums);
    for (int i = bound; i < n; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  @Override
  public float sumOfSquares(float[] x, int at, int n) {
    return dot(x, at, x, at, n);
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int bound = n & -LANES;
    for (int i = 0; i < bound; i += LANES) {
      FloatVector left = FloatVector.fromArray(SPECIES, x, xAt + i);
      sums = left.fma(FloatVector.fromArray(SPECIES, y, yAt + i), sums);
    }
    float sum = total(sums);
    for (int i = bound; i < n; i++) {
      sum = Math.fma(x[xAt + i], y[yAt + i], sum);
    }
    return sum;
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, float[] z, int zAt, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int bound = n & -LANES;
    for (int i = 0; i < bound; i += LANES) {
      FloatVector left =
          FloatVector.fromArray(SPECIES, x, xAt + i)
              .mul(FloatVector.fromArray(SPECIES, y, yAt + i));
      sums = left.fma(FloatVector.fromArray(SPECIES, z, zAt + i), sums);
    }
    float sum = total(sums);
    for (int i = bound; i < n; i++) {
      sum = Math.fma(x[xAt + i] * y[yAt + i], z[zAt + i], sum);
    }
    return sum;
  }

  @Override
  public float max(float[] x, int at, int n) {
    FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector more = most;
    int bound = n & -LANES;
    int i = 0;
    // Two at a time: the order does not matter here, and a maximum takes four cycles.
    for (; i < bound - LANES; i += 2 * LANES) {
      most = most.max(FloatVector.fromArray(SPECIES, x, at + i));
      more = more.max(FloatVector.fromArray(SPECIES, x, at + i + LANES));
    }
    if (i < bound) {
      most = most.max(FloatVector.fromArray(SPECIES, x, at + i));
    }
    most = most.max(more);
    float max = most.reduceLanes(VectorOperators.MAX);
    for (i = bound; i < n; i++) {
      max = Math.max(max, x[at + i]);
    }
    return max;
  }

  private static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(ExpConstants.LOWEST).min(ExpConstants.HIGHEST);
    FloatVector round = FloatVector.broadcast(SPECIES, ExpConstants.ROUND);
    FloatVector rounded = clamped.fma(constant(ExpConstants.LOG2_E), round);
    FloatVector n = rounded.sub(round);
    FloatVector r =
        n.fma(constant(-ExpConstants.LN2_LOW), n.fma(constant(-ExpConstants.LN2_HIGH), clamped));
    FloatVector p = constant(ExpConstants.C0).fma(r, constant(ExpConstants.C1));
    p = p.fma(r, constant(ExpConstants.C2)).fma(r, constant(ExpConstants.C3));
    p = p.fma(r, constant(ExpConstants.C4)).fma(r, constant(ExpConstants.C5));
    FloatVector fraction = p.fma(r.mul(r), r).add(1f);
    return rounded
        .viewAsIntegralLanes()
        .lanewise(VectorOperators.LSHL, ExpConstants.MANTISSA_BITS)
        .reinterpretAsInts()
        .add(ExpConstants.ONE_BITS)
        .viewAsFloatingLanes()
        .reinterpretAsFloats()
        .mul(fraction);
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  @Override
  public float expSum(float[] x, int at, float scale, float shift, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    FloatVector factor = constant(scale);
    FloatVector minus = constant(-shift);
    int bound = n & -LANES;
    for (int i = 0; i < bound; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, x, at + i).fma(factor, minus));
      e.intoArray(x, at + i);
      sums = sums.add(e);
    }
    float sum = total(sums);
    for (int i = bound; i < n; i++) {
      x[at + i] = ExpConstants.exp(Math.fma(x[at + i], scale, -shift));
      sum += x[at + i];
    }
    return sum;
  }

  @Override
  public void sigmoid(float[] x, int xAt, float[] out, int outAt, int n) {
    FloatVector one = constant(1f);
    FloatVector minusOne = constant(-1f);
    FloatVector minusZero = constant(-0f);
    int bound = n & -LANES;
    for (int i = 0; i < bound; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, x, xAt + i).fma(minusOne, minusZero));
      one.div(one.add(e)).intoArray(out, outAt + i);
    }
    for (int i = bound; i < n; i++) {
      out[outAt + i] = 1f / (1f + ExpConstants.exp(Math.fma(x[xAt + i], -1f, -0f)));
    }
  }
}
