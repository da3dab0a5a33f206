// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.vector;

/**
 * exp(x) = 2ⁿ·exp(r), x = n·ln 2 + r, |r| ≤ ln 2 / 2, with the polynomial of Cephes' {@code expf}.
 *
 * <p>Adding {@link #ROUND} rounds to an integer, which then stands in the low bits of the sum, from
 * where a shift moves it into the exponent.
 */
final class ExpConstants {
  static final float LOWEST = -87f;
  static final float HIGHEST = 88f;
  static final float LOG2_E = 1.44269504f;
  static final float LN2_HIGH = 0.693359375f;
  static final float LN2_LOW = -2.12194440e-4f;
  static final float ROUND = 12582912f;
  static final int MANTISSA_BITS = 23;
  static final int ONE_BITS = 0x3f800000;
  static final float C0 = 1.9875691500e-4f;
  static final float C1 = 1.3981999507e-3f;
  static final float C2 = 8.3334519073e-3f;
  static final float C3 = 4.1665795894e-2f;
  static final float C4 = 1.6666665459e-1f;
  static final float C5 = 5.0000001201e-1f;

  private ExpConstants() {}

  static float clamp(float x) {
    return Math.min(Math.max(x, LOWEST), HIGHEST);
  }

  /** The integer n, with {@link #ROUND} added. */
  static float rounded(float clamped) {
    return Math.fma(clamped, LOG2_E, ROUND);
  }

  /** exp(r). */
  static float fraction(float clamped, float rounded) {
    float n = rounded - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    float p = Math.fma(Math.fma(Math.fma(C0, r, C1), r, C2), r, C3);
    p = Math.fma(Math.fma(p, r, C4), r, C5);
    return Math.fma(p, r * r, r) + 1f;
  }

  /** 2ⁿ. */
  static float power(float rounded) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(rounded) << MANTISSA_BITS) + ONE_BITS);
  }

  /** exp of one number, by the same steps as the vector loops. */
  static float exp(float x) {
    float clamped = clamp(x);
    float rounded = rounded(clamped);
    return fraction(clamped, rounded) * power(rounded);
  }
}
