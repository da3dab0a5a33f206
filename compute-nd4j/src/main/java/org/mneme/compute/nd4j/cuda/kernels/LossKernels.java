// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/**
 * Cross-entropy of rows of logits, a block for each row. A target that is neither a class nor the
 * mask gives the loss NaN.
 */
final class LossKernels {
  private static final int MOST_THREADS = 1024;
  private static final int THREADS = 512;

  /** Wide loads of a row that a thread holds in registers. */
  private static final int HELD = 4;

  private final CudaRuntime cuda;

  LossKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void softmaxCrossEntropy(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses) {
    run(logits, targets, rowScale, losses);
  }

  void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    run(logits, targets, null, losses);
  }

  private void run(Tensor logits, Tensor targets, Tensor rowScale, Tensor losses) {
    long rows = logits.shape().rows();
    int classes = Grids.extent(logits.shape().columns());
    if (rows == 0) {
      return;
    }
    int elements = HELD * Packs.of(logits);
    boolean held = classes <= MOST_THREADS * elements && Packs.fill(cuda, logits);
    String kernel = held ? "cross_entropy_held" : "cross_entropy_long";
    long each = held ? Grids.groups(classes, elements) : classes;
    cuda.kernel("losses", kernel, logits.dtype())
        .grid(rows)
        .block(Grids.threads(each, held ? MOST_THREADS : THREADS))
        .tensor(logits)
        .tensor(targets)
        .tensor(rowScale)
        .tensor(losses)
        .i32(classes)
        .run();
  }
}
