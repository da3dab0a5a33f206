// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.List;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.model.parameters.ParameterTable;

/** Gradients that are clipped by one norm. */
final class ClipScope {
  private final Tensor gradients;
  private final Tensor sumOfSquares;
  private final Tensor factor;

  /**
   * A scope of a gradient arena.
   *
   * @param sumOfSquares receives the squares of the gradients in this scope [1] F32
   * @param factor by which they are multiplied [1] F32
   */
  ClipScope(Tensor gradients, Tensor sumOfSquares, Tensor factor) {
    this.gradients = gradients;
    this.sumOfSquares = sumOfSquares;
    this.factor = factor;
  }

  /** Adds the squares over ranges of the arena and over rows that were read. */
  void measure(Device device, List<ParameterTable.Range> ranges, List<ReadRows> rows) {
    for (ParameterTable.Range range : ranges) {
      Tensor part = gradients.rows(range.from(), range.to());
      device.optimizer().sumOfSquares(part, Accumulation.ADD, sumOfSquares);
    }
    rows.forEach(read -> read.addSquares(sumOfSquares));
  }

  /** What the gradient is multiplied by [1] F32. */
  Tensor factor() {
    return factor;
  }
}
