// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.F32;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.LossReference;

/** Cross-entropy and its gradient. */
public abstract class LossConformance extends DeviceTestCase {
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1},
          new int[] {1, 13},
          new int[] {67, 2},
          new int[] {131, 257},
          new int[] {19, 6401});

  /** Targets with first and last class, and some rows masked. */
  private static int[] targets(Numbers numbers, int rows, int classes) {
    int[] targets = numbers.indices(rows, classes);
    for (int row = 2; row < rows; row += 5) {
      targets[row] = LossReference.MASKED;
    }
    targets[rows - 1] = classes - 1;
    return targets;
  }

  /** Logits of every size: rows far from zero overflow unless their maximum is taken off. */
  private static double[] logits(Numbers numbers, DType dtype, int rows, int classes) {
    double[] logits = numbers.values(dtype, rows * classes, 3);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Bits.round(dtype, logits[i] + (i / classes % 3 - 1) * 200);
    }
    return logits;
  }

  @ParameterizedTest
  @MethodSource("floating")
  void crossEntropy(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int classes = size[1];
      Numbers numbers = new Numbers(classes);
      int[] targets = targets(numbers, rows, classes);
      double[] logits = logits(numbers, dtype, rows, classes);
      try (Trial trial = trial("cross_entropy", dtype, rows, classes)) {
        Tensor tl = trial.input("logits", dtype, logits, rows, classes);
        Tensor tt = trial.input("targets", targets, rows);
        Tensor losses = trial.output("losses", F32, rows);
        trial
            .run(() -> device.neural().crossEntropy(tl, tt, losses))
            .expect(losses, LossReference.crossEntropy(logits, targets), Tolerance.sum(F32));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("floating")
  void softmaxCrossEntropy(DType dtype) {
    for (int[] size : SIZES) {
      int rows = size[0];
      int classes = size[1];
      Numbers numbers = new Numbers(classes + 1);
      int[] targets = targets(numbers, rows, classes);
      double[] logits = logits(numbers, dtype, rows, classes);
      double[] scale = numbers.between(F32, rows, 0.01, 2);
      double[] wanted = LossReference.crossEntropy(logits, targets);
      for (int row = 0; row < rows; row++) {
        wanted[row] *= scale[row];
      }
      try (Trial trial = trial("softmax_cross_entropy", dtype, rows, classes)) {
        Tensor tl = trial.inOut("logits", dtype, logits, rows, classes);
        Tensor tt = trial.input("targets", targets, rows);
        Tensor ts = trial.input("rowScale", F32, scale, rows);
        Tensor losses = trial.output("losses", F32, rows);
        trial
            .run(() -> device.neural().softmaxCrossEntropy(tl, tt, ts, losses))
            .expect(losses, wanted, Tolerance.sum(F32))
            .expect(tl, LossReference.gradient(logits, targets, scale), Tolerance.sum(dtype));
      }
    }
  }
}
