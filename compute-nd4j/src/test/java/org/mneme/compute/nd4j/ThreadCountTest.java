// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.BatchedGemm;

/** The same bits with one, two and three threads, at sizes that are shared. */
class ThreadCountTest {
  /** Results of one device. */
  private static final class Run implements AutoCloseable {
    private final Device device;
    private final List<Tensor> tensors = new ArrayList<>();
    private long seed = 1;

    Run(int threads) {
      device = CpuDevice.open(threads);
    }

    Tensor random(long... extents) {
      Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, extents);
      device.random().normal(tensor, 0f, 1f, seed++);
      tensors.add(tensor);
      return tensor;
    }

    List<float[]> results() {
      List<float[]> results = new ArrayList<>();
      tensors.forEach(tensor -> results.add(device.transfer().readFloats(tensor)));
      return results;
    }

    @Override
    public void close() {
      device.close();
    }
  }

  private static List<float[]> run(int threads) {
    try (Run run = new Run(threads)) {
      products(run);
      norms(run);
      attention(run);
      rest(run);
      return run.results();
    }
  }

  private static void products(Run run) {
    run.device.matrix().linear(run.random(519, 257), run.random(300, 257), run.random(519, 300));
    run.device.matrix().linear(run.random(33, 257), run.random(2300, 257), run.random(33, 2300));
    run.device
        .matrix()
        .linearWeightGradient(run.random(519, 300), run.random(519, 257), run.random(300, 257));
    BatchedGemm.Layout square = new BatchedGemm.Layout(130, 130 * 130, false);
    run.device
        .matrix()
        .batchedGemm(
            new BatchedGemm(9, 130, 130, 130, square, square, square),
            1f,
            run.random(9, 130, 130),
            run.random(9, 130, 130),
            0f,
            run.random(9, 130, 130));
  }

  private static void norms(Run run) {
    Tensor x = run.random(517, 256);
    Tensor rstd = run.random(517);
    Tensor w = run.random(256);
    run.device.neural().rmsNorm(x, w, 1e-5f, run.random(517, 256), rstd);
    run.device
        .neural()
        .rmsNormBackward(
            run.random(517, 256),
            x,
            w,
            rstd,
            Accumulation.REPLACE,
            run.random(517, 256),
            run.random(256));
    Tensor mean = run.random(256);
    Tensor factor = run.random(256);
    run.device
        .neural()
        .batchNorm(
            x,
            null,
            w,
            run.random(256),
            1e-5f,
            0.1f,
            run.random(256),
            run.random(256),
            run.random(517, 256),
            mean,
            factor);
    run.device
        .neural()
        .batchNormBackward(
            run.random(517, 256),
            x,
            null,
            w,
            mean,
            factor,
            run.random(517, 256),
            run.random(256),
            run.random(256));
  }

  private static void attention(Run run) {
    AttentionShape shape = new AttentionShape(2, 150, 4, 2, 16);
    Tensor qkv = run.random(300, shape.packedColumns());
    Tensor out = run.random(300, shape.outputColumns());
    Tensor logSumExp = run.random(2, 4, 150);
    run.device.neural().attention(qkv, shape, out, logSumExp);
    run.device
        .neural()
        .attentionBackward(
            run.random(300, shape.outputColumns()),
            qkv,
            out,
            logSumExp,
            shape,
            run.random(300, shape.packedColumns()));
  }

  private static void rest(Run run) {
    Tensor logits = run.random(65, 1000);
    Tensor targets = run.device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 65);
    run.device.random().uniformInts(targets, 0, 1000, 9);
    run.device.neural().softmaxCrossEntropy(logits, targets, run.random(65), run.random(65));
    Tensor many = run.random(100_003);
    run.device.neural().sum(many, 0.5f, Accumulation.REPLACE, run.random(1));
    run.device.optimizer().sumOfSquares(many, Accumulation.ADD, run.random(1));
    run.device.random().uniform(run.random(70_001), -1f, 1f, 3);
  }

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    List<float[]> one = run(1);
    assertThat(one).hasSizeGreaterThan(30);
    for (int threads = 2; threads <= 3; threads++) {
      List<float[]> more = run(threads);
      for (int i = 0; i < one.size(); i++) {
        assertThat(more.get(i)).as("result %d with %d threads", i, threads).isEqualTo(one.get(i));
      }
    }
  }
}
