// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.List;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.model.parameters.ParameterTable;

/**
 * Gradients that are clipped by one norm.
 *
 * @param gradients of all parameters
 * @param limit largest norm; infinity for no limit
 * @param sumOfSquares of the gradients in this scope [1] F32
 * @param factor by which they are multiplied [1] F32
 */
record ClipScope(Tensor gradients, double limit, Tensor sumOfSquares, Tensor factor) {

  /** Adds the squares over ranges of the arena and over rows that were read. */
  void measure(Device device, List<ParameterTable.Range> ranges, List<ReadRows> rows) {
    for (ParameterTable.Range range : ranges) {
      Tensor part = gradients.rows(range.from(), range.to());
      device.optimizer().sumOfSquares(part, Accumulation.ADD, sumOfSquares);
    }
    rows.forEach(read -> read.addSquares(sumOfSquares));
  }
}
