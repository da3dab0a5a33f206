// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

/** Element-wise loops over tiles that the compiler vectorises. */
final class Loops {
  private Loops() {}

  /** y += a·x. */
  static void axpy(float a, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] += a * x[xAt + i];
    }
  }

  /** y = a·x. */
  static void scale(float a, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = a * x[xAt + i];
    }
  }
}
