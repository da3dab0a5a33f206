// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

import java.util.Optional;
import org.mneme.compute.Tensor;

/**
 * A parameter, or a pack of them, as layers use it.
 *
 * @param name its name or that of its pack
 * @param master the F32 values that the optimiser moves
 * @param value the values that layers compute with: {@code master} or its low-precision copy
 * @param gradientOrNull F32 gradient, or null where none is kept
 * @param readCountsOrNull how often each row was read since the gradient was set to 0 [rows] I32:
 *     whoever adds to the gradient of a row counts it here, so that an optimiser need not look at
 *     the others; null for parameters of which all rows are in use
 */
public record Parameter(
    String name, Tensor master, Tensor value, Tensor gradientOrNull, Tensor readCountsOrNull) {
  /** The F32 gradient that backwards add to; empty where none is kept. */
  public Optional<Tensor> gradient() {
    return Optional.ofNullable(gradientOrNull);
  }

  /** How often each row was read since the gradient was set to 0, where that is counted. */
  public Optional<Tensor> readCounts() {
    return Optional.ofNullable(readCountsOrNull);
  }

  /** The same parameter seen with other extents. */
  public Parameter reshape(long... extents) {
    return new Parameter(
        name,
        master.reshape(extents),
        value.reshape(extents),
        gradientOrNull == null ? null : gradientOrNull.reshape(extents),
        readCountsOrNull);
  }
}
