// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.vector;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.mneme.compute.nd4j.host.Vectors;

/** Loops in plain Java: eight accumulators, and an exponential split into loops that vectorise. */
public final class PlainVectors implements Vectors {
  private static final int BLOCK = 1024;

  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  @Override
  public float sum(float[] x, int at, int n) {
    float a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
    int end = at + n;
    int i = at;
    for (; i < end - 7; i += 8) {
      a0 += x[i];
      a1 += x[i + 1];
      a2 += x[i + 2];
      a3 += x[i + 3];
      a4 += x[i + 4];
      a5 += x[i + 5];
      a6 += x[i + 6];
      a7 += x[i + 7];
    }
    float sum = ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
    for (; i < end; i++) {
      sum += x[i];
    }
    return sum;
  }

  @Override
  public float sumOfSquares(float[] x, int at, int n) {
    return dot(x, at, x, at, n);
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, int n) {
    float a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
    int i = 0;
    for (; i < n - 7; i += 8) {
      int p = xAt + i;
      int q = yAt + i;
      a0 = Math.fma(x[p], y[q], a0);
      a1 = Math.fma(x[p + 1], y[q + 1], a1);
      a2 = Math.fma(x[p + 2], y[q + 2], a2);
      a3 = Math.fma(x[p + 3], y[q + 3], a3);
      a4 = Math.fma(x[p + 4], y[q + 4], a4);
      a5 = Math.fma(x[p + 5], y[q + 5], a5);
      a6 = Math.fma(x[p + 6], y[q + 6], a6);
      a7 = Math.fma(x[p + 7], y[q + 7], a7);
    }
    float sum = ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
    for (; i < n; i++) {
      sum = Math.fma(x[xAt + i], y[yAt + i], sum);
    }
    return sum;
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, float[] z, int zAt, int n) {
    float a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
    int i = 0;
    for (; i < n - 7; i += 8) {
      int p = xAt + i;
      int q = yAt + i;
      int r = zAt + i;
      a0 = Math.fma(x[p] * y[q], z[r], a0);
      a1 = Math.fma(x[p + 1] * y[q + 1], z[r + 1], a1);
      a2 = Math.fma(x[p + 2] * y[q + 2], z[r + 2], a2);
      a3 = Math.fma(x[p + 3] * y[q + 3], z[r + 3], a3);
      a4 = Math.fma(x[p + 4] * y[q + 4], z[r + 4], a4);
      a5 = Math.fma(x[p + 5] * y[q + 5], z[r + 5], a5);
      a6 = Math.fma(x[p + 6] * y[q + 6], z[r + 6], a6);
      a7 = Math.fma(x[p + 7] * y[q + 7], z[r + 7], a7);
    }
    float sum = ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
    for (; i < n; i++) {
      sum = Math.fma(x[xAt + i] * y[yAt + i], z[zAt + i], sum);
    }
    return sum;
  }

  @Override
  public float max(float[] x, int at, int n) {
    float a0 = Float.NEGATIVE_INFINITY;
    float a1 = a0;
    float a2 = a0;
    float a3 = a0;
    int end = at + n;
    int i = at;
    for (; i < end - 3; i += 4) {
      a0 = Math.max(a0, x[i]);
      a1 = Math.max(a1, x[i + 1]);
      a2 = Math.max(a2, x[i + 2]);
      a3 = Math.max(a3, x[i + 3]);
    }
    for (; i < end; i++) {
      a0 = Math.max(a0, x[i]);
    }
    return Math.max(Math.max(a0, a1), Math.max(a2, a3));
  }

  @Override
  public float expSum(float[] x, int at, float scale, float shift, int n) {
    exp(x, at, scale, shift, x, at, n);
    return sum(x, at, n);
  }

  @Override
  public void sigmoid(float[] x, int xAt, float[] out, int outAt, int n) {
    exp(x, xAt, -1f, 0f, out, outAt, n);
    for (int i = 0; i < n; i++) {
      out[outAt + i] = 1f / (1f + out[outAt + i]);
    }
  }

  private void exp(float[] x, int xAt, float scale, float shift, float[] out, int outAt, int n) {
    Scratch block = scratch.get();
    for (int done = 0; done < n; done += BLOCK) {
      int part = Math.min(BLOCK, n - done);
      System.arraycopy(x, xAt + done, block.values, 0, part);
      fractions(block.values, scale, -shift, block.rounded, part);
      block.roundedToPowers(part);
      multiply(block.rounded, block.values, part);
      System.arraycopy(block.values, 0, out, outAt + done, part);
    }
  }

  private static void fractions(float[] x, float scale, float shift, float[] rounded, int n) {
    for (int i = 0; i < n; i++) {
      float clamped = ExpConstants.clamp(Math.fma(x[i], scale, shift));
      float round = ExpConstants.rounded(clamped);
      rounded[i] = round;
      x[i] = ExpConstants.fraction(clamped, round);
    }
  }

  private static void multiply(float[] factor, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] *= factor[i];
    }
  }

  /**
   * A block of an exponential. The compiler of JDK 17 vectorises a loop only where all arrays have
   * the same index, hence the copies, and not {@link Float#floatToRawIntBits}, hence bits are
   * turned to floats and back by way of a buffer.
   */
  private static final class Scratch {
    final float[] values = new float[BLOCK];
    final float[] rounded = new float[BLOCK];
    private final int[] bits = new int[BLOCK];
    private final FloatBuffer floats;
    private final IntBuffer ints;

    Scratch() {
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Float.BYTES * BLOCK).order(ByteOrder.nativeOrder());
      floats = bytes.asFloatBuffer();
      ints = bytes.asIntBuffer();
    }

    void roundedToPowers(int n) {
      floats.put(0, rounded, 0, n);
      ints.get(0, bits, 0, n);
      for (int i = 0; i < n; i++) {
        bits[i] = (bits[i] << ExpConstants.MANTISSA_BITS) + ExpConstants.ONE_BITS;
      }
      ints.put(0, bits, 0, n);
      floats.get(0, rounded, 0, n);
    }
  }
}
