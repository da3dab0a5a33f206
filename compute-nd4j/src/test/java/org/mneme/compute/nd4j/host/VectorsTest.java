// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.nd4j.vector.PlainVectors;

/** The loops against double precision; the two implementations against each other, bit by bit. */
class VectorsTest {
  private final Vectors plain = new PlainVectors();

  private static float[] random(int n, long seed, float scale) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian() * scale;
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 64, 1023, 1024, 2500})
  void plainLoopsAreRight(int n) {
    float[] x = random(n + 3, n, 3);
    float[] y = random(n + 3, n + 1, 1);
    double sum = 0;
    double squares = 0;
    double dot = 0;
    double triple = 0;
    double exps = 0;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 2; i < n + 2; i++) {
      sum += x[i];
      squares += (double) x[i] * x[i];
      dot += (double) x[i] * y[i - 1];
      triple += (double) x[i] * y[i - 1] * y[i];
      max = Math.max(max, x[i]);
      exps += Math.exp(0.5 * x[i] - 1);
    }
    double slack = 1e-5 * (n + 1);
    assertThat((double) plain.sum(x, 2, n)).isCloseTo(sum, within(slack));
    assertThat((double) plain.sumOfSquares(x, 2, n)).isCloseTo(squares, within(10 * slack));
    assertThat((double) plain.dot(x, 2, y, 1, n)).isCloseTo(dot, within(slack));
    assertThat((double) plain.dot(x, 2, y, 1, y, 2, n)).isCloseTo(triple, within(slack));
    assertThat(plain.max(x, 2, n)).isEqualTo(max);
    float[] e = x.clone();
    assertThat((double) plain.expSum(e, 2, 0.5f, 1f, n)).isCloseTo(exps, within(slack));
    assertThat(e[1]).isEqualTo(x[1]);
    assertThat(e[n + 2]).isEqualTo(x[n + 2]);
  }

  @Test
  void exponentialIsAccurateAndClamped() {
    float[] x = new float[20_001];
    for (int i = 0; i < x.length; i++) {
      x[i] = -86.9f + i * (174.8f / 20_000);
    }
    float[] e = x.clone();
    plain.expSum(e, 0, 1f, 0f, e.length);
    for (int i = 0; i < x.length; i++) {
      assertThat(e[i] / Math.exp(x[i])).isCloseTo(1, within(2.5e-7));
    }
    float[] ends = {Float.NEGATIVE_INFINITY, -1000, 1000, Float.NaN};
    plain.expSum(ends, 0, 1f, 0f, 4);
    assertThat(ends[0]).isBetween(0f, 2e-38f);
    assertThat(ends[1]).isBetween(0f, 2e-38f);
    assertThat((double) ends[2]).isCloseTo(Math.exp(88), within(1e32));
    assertThat(ends[3]).isNaN();
  }

  @Test
  void sigmoidIsRight() {
    float[] x = random(1500, 1, 10);
    float[] s = new float[1500];
    plain.sigmoid(x, 0, s, 0, 1500);
    for (int i = 0; i < x.length; i++) {
      assertThat((double) s[i]).isCloseTo(1 / (1 + Math.exp(-x[i])), within(3e-7));
    }
    float[] ends = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, 0};
    plain.sigmoid(ends, 0, ends, 0, 4);
    assertThat(ends[0]).isBetween(0f, 1e-37f);
    assertThat(ends[1]).isEqualTo(1f);
    assertThat(ends[2]).isNaN();
    assertThat(ends[3]).isEqualTo(0.5f);
  }

  @Test
  void maxSeesNaN() {
    float[] x = random(100, 1, 10);
    x[77] = Float.NaN;
    assertThat(plain.max(x, 0, 100)).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 17, 256, 1023, 3000})
  void vectorLoopsGiveTheSameBits(int n) throws ReflectiveOperationException {
    Vectors panama =
        Class.forName("org.mneme.compute.nd4j.vector.PanamaVectors")
            .asSubclass(Vectors.class)
            .getConstructor()
            .newInstance();
    for (float scale : new float[] {1e-3f, 1f, 60f}) {
      float[] x = random(n + 5, n, scale);
      float[] y = random(n + 5, n + 1, 1);
      if (n > 20) {
        y[11] = Float.NEGATIVE_INFINITY;
        y[13] = -0f;
      }
      assertSame(plain.sum(x, 3, n), panama.sum(x, 3, n));
      assertSame(plain.sumOfSquares(x, 3, n), panama.sumOfSquares(x, 3, n));
      assertSame(plain.dot(x, 3, x, 1, n), panama.dot(x, 3, x, 1, n));
      assertSame(plain.dot(x, 3, x, 1, y, 2, n), panama.dot(x, 3, x, 1, y, 2, n));
      assertSame(plain.max(x, 3, n), panama.max(x, 3, n));
      assertSame(plain.max(y, 3, n), panama.max(y, 3, n));
      assertExpSame(panama, x, n);
      assertExpSame(panama, y, n);
    }
  }

  private void assertExpSame(Vectors panama, float[] x, int n) {
    float[] one = x.clone();
    float[] other = x.clone();
    assertSame(plain.expSum(one, 2, 0.7f, 0.3f, n), panama.expSum(other, 2, 0.7f, 0.3f, n));
    assertThat(other).isEqualTo(one);
    plain.sigmoid(x, 1, one, 2, n);
    panama.sigmoid(x, 1, other, 2, n);
    assertThat(other).isEqualTo(one);
  }

  private static void assertSame(float one, float other) {
    assertThat(Float.floatToIntBits(other)).isEqualTo(Float.floatToIntBits(one));
  }

  @Test
  void warmingUpEnds() {
    assertThat(new VectorsWarmUp(plain, plain).untilFaster(() -> true)).isFalse();
  }
}
