// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Map;
import java.util.OptionalDouble;
import org.mneme.model.config.PublishedSystem;

/**
 * The speed of the same training steps in PyTorch 2.11 on two CPU cores that do 226 GFLOP/s of F32
 * matrix products, at the default sizes of the benchmark. Measured once; a speed scales with the
 * machine's rate of matrix products.
 */
final class PyTorchOnCpu {
  /** The rate of matrix products of the machine of the reference. */
  static final double GFLOPS = 226;

  private static final Map<PublishedSystem, Double> EAGER =
      Map.of(
          PublishedSystem.ORIGINAL, 3062.0,
          PublishedSystem.CROSS_ATTENTION, 2103.0,
          PublishedSystem.GATED_MLP, 2272.0,
          PublishedSystem.EMA_VECTOR, 2963.0,
          PublishedSystem.EMA_TOKEN, 1522.0);

  private PyTorchOnCpu() {}

  /** Tokens/s of eager PyTorch on a machine of another rate; empty where it was not measured. */
  static OptionalDouble tokensPerSecond(PublishedSystem system, double gflops) {
    Double measured = EAGER.get(system);
    return measured == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(measured * gflops / GFLOPS);
  }
}
