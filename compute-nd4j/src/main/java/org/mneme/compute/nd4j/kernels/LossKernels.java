// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/** Cross-entropy of rows of logits. */
final class LossKernels {
  /** The target of rows that do not count. */
  private static final int MASKED = -100;

  private final HostRuntime host;

  LossKernels(HostRuntime host) {
    this.host = host;
  }

  /** Losses, and gradients in place of the logits. */
  void softmaxCrossEntropy(
      HostTensor logits, HostTensor targets, HostTensor rowScale, HostTensor losses) {
    run(logits, targets, rowScale, losses);
  }

  /** Losses alone. */
  void crossEntropy(HostTensor logits, HostTensor targets, HostTensor losses) {
    run(logits, targets, null, losses);
  }

  private void run(HostTensor logits, HostTensor targets, HostTensor rowScale, HostTensor losses) {
    int classes = Math.toIntExact(logits.shape().columns());
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            logits.shape().rows(),
            RowTiles.rows(classes),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              int rows = (int) (to - from);
              float[] row = tiles.floats(0, classes);
              float[] scales = tiles.floats(1, rows);
              float[] loss = tiles.floats(2, rows);
              int[] target = tiles.ints(0, rows);
              targets.get(from, target, 0, rows);
              if (rowScale != null) {
                rowScale.get(from, scales, 0, rows);
              } else {
                Arrays.fill(scales, 0, rows, 1f);
              }
              for (int r = 0; r < rows; r++) {
                loss[r] = 0f;
                if (target[r] != MASKED) {
                  logits.get((from + r) * classes, row, 0, classes);
                  loss[r] = softmaxRow(vectors, row, target[r], scales[r], classes);
                } else if (rowScale != null) {
                  Arrays.fill(row, 0, classes, 0f);
                }
                if (rowScale != null) {
                  logits.put((from + r) * classes, row, 0, classes);
                }
              }
              losses.put(from, loss, 0, rows);
            });
  }

  /** Turns logits into gradients; returns the loss. */
  private static float softmaxRow(
      Vectors vectors, float[] row, int target, float scale, int classes) {
    float max = vectors.max(row, 0, classes);
    float chosen = row[target];
    float sum = vectors.expSum(row, 0, 1f, max, classes);
    scale(row, scale / sum, classes);
    row[target] -= scale;
    return (float) (scale * (Math.log(sum) + max - chosen));
  }

  private static void scale(float[] x, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factor;
    }
  }
}
