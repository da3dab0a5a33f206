// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import java.util.Arrays;

/** Cross-entropy. */
public final class LossReference {
  /** The class of a row that does not count. */
  public static final int MASKED = -100;

  private LossReference() {}

  /** −log softmax[target] of each row, 0 where masked. */
  public static double[] crossEntropy(double[] logits, int[] targets) {
    int classes = logits.length / targets.length;
    double[] losses = new double[targets.length];
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] != MASKED) {
        double[] scores = Arrays.copyOfRange(logits, row * classes, (row + 1) * classes);
        losses[row] = AttentionReference.logSumExp(scores) - scores[targets[row]];
      }
    }
    return losses;
  }

  /** rowScale·(softmax − onehot) of each row, 0 where masked. */
  public static double[] gradient(double[] logits, int[] targets, double[] rowScale) {
    int classes = logits.length / targets.length;
    double[] gradient = new double[logits.length];
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] != MASKED) {
        double[] scores = Arrays.copyOfRange(logits, row * classes, (row + 1) * classes);
        double sum = AttentionReference.logSumExp(scores);
        for (int c = 0; c < classes; c++) {
          double onehot = c == targets[row] ? 1 : 0;
          gradient[row * classes + c] = rowScale[row] * (Math.exp(scores[c] - sum) - onehot);
        }
      }
    }
    return gradient;
  }
}
