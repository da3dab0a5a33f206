// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.List;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.model.parameters.ParameterTable;

/** Gradients that are clipped by one norm. */
final class ClipScope implements AutoCloseable {
  private final Device device;
  private final Tensor gradients;
  private final double limit;
  private final Tensor sumOfSquares;
  private final Tensor factor;

  /**
   * A scope of a gradient arena.
   *
   * @param limit largest norm; 0 for no limit
   */
  ClipScope(Device device, Tensor gradients, double limit) {
    this.device = device;
    this.gradients = gradients;
    this.limit = limit;
    this.sumOfSquares = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 1);
    this.factor = device.allocate(MemoryTag.OPTIMIZER, DType.F32, 1);
    device.transfer().fill(factor, 1);
  }

  /** Computes the norm over ranges of the arena and over rows that were read, and the factor. */
  void measure(List<ParameterTable.Range> ranges, List<ReadRows> rows) {
    Accumulation mode = Accumulation.REPLACE;
    for (ParameterTable.Range range : ranges) {
      Tensor part = gradients.rows(range.from(), range.to());
      device.optimizer().sumOfSquares(part, mode, sumOfSquares);
      mode = Accumulation.ADD;
    }
    if (ranges.isEmpty()) {
      device.transfer().fill(sumOfSquares, 0);
    }
    rows.forEach(read -> read.addSquares(sumOfSquares));
    if (limit > 0) {
      device.optimizer().clipFactor(sumOfSquares, (float) limit, factor);
    }
  }

  /** What the gradient is multiplied by [1] F32. */
  Tensor factor() {
    return factor;
  }

  /** The square of the norm that was measured last; waits for the device. */
  double squaredNorm() {
    return device.transfer().readFloats(sumOfSquares)[0];
  }

  @Override
  public void close() {
    sumOfSquares.close();
    factor.close();
  }
}
