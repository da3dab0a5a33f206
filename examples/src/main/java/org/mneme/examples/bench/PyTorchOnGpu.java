// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Map;
import java.util.Optional;
import org.mneme.model.config.PublishedSystem;

/**
 * The same training steps in PyTorch 2.11 on one NVIDIA H200, in bf16 and at the default sizes of
 * the benchmark. Measured once.
 *
 * @param eager tokens/s
 * @param compiled tokens/s with {@code torch.compile}
 * @param compiledPeak gigabytes of device memory, compiled; NaN where it was not measured
 */
record PyTorchOnGpu(double eager, double compiled, double compiledPeak) {
  private static final Map<PublishedSystem, PyTorchOnGpu> MEASURED =
      Map.of(
          PublishedSystem.ORIGINAL, new PyTorchOnGpu(685_686, 1_435_847, 3.8),
          PublishedSystem.CROSS_ATTENTION, new PyTorchOnGpu(137_039, 163_198, 6.7),
          PublishedSystem.GATED_MLP, new PyTorchOnGpu(408_623, 941_899, 4.3),
          PublishedSystem.EMA_VECTOR, new PyTorchOnGpu(391_497, 716_716, 5.9),
          PublishedSystem.EMA_TOKEN, new PyTorchOnGpu(203_059, 306_324, 8.1),
          PublishedSystem.BESIDE, new PyTorchOnGpu(Double.NaN, 600_000, Double.NaN));

  /** The figures of a result; empty where its sizes are others. */
  static Optional<PyTorchOnGpu> of(BenchResult result, BenchShape shape) {
    boolean same =
        !result.config().hasMemory()
            || result.config().knowledgeNum() == shape.entries(result.system());
    return same ? Optional.ofNullable(MEASURED.get(result.system())) : Optional.empty();
  }
}
