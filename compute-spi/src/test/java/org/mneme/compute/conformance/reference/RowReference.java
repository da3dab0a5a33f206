// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

/** Rows of tables by index, and entries that are tokens. */
public final class RowReference {
  private RowReference() {}

  /** out[r] = table[indices[r]]. */
  public static double[] gather(double[] table, int[] indices, int width) {
    double[] out = new double[indices.length * width];
    for (int r = 0; r < indices.length; r++) {
      System.arraycopy(table, indices[r] * width, out, r * width, width);
    }
    return out;
  }

  /** table[indices[r]] = keep·table[indices[r]] + blend·rows[r], one row after the other. */
  public static double[] blend(
      double[] table, double keep, double blend, double[] rows, int[] indices, int width) {
    double[] moved = table.clone();
    for (int r = 0; r < indices.length; r++) {
      for (int i = 0; i < width; i++) {
        int at = indices[r] * width + i;
        moved[at] = keep * moved[at] + blend * rows[r * width + i];
      }
    }
    return moved;
  }

  /** out[r] = mean over k of embeddings[bank[indices[r], k]]. */
  public static double[] decode(
      double[] embeddings, int width, int[] bank, int tokens, int[] indices) {
    double[] out = new double[indices.length * width];
    for (int r = 0; r < indices.length; r++) {
      for (int k = 0; k < tokens; k++) {
        int token = bank[indices[r] * tokens + k];
        for (int i = 0; i < width; i++) {
          out[r * width + i] += embeddings[token * width + i] / tokens;
        }
      }
    }
    return out;
  }

  /** The gradient of {@link #decode} by the embeddings, added to {@code old}. */
  public static double[] decodeBackward(
      double[] dOut, int width, int[] bank, int tokens, int[] indices, double[] old) {
    double[] gradient = old.clone();
    for (int r = 0; r < indices.length; r++) {
      for (int k = 0; k < tokens; k++) {
        int token = bank[indices[r] * tokens + k];
        for (int i = 0; i < width; i++) {
          gradient[token * width + i] += dOut[r * width + i] / tokens;
        }
      }
    }
    return gradient;
  }
}
