// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import java.util.Optional;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/** Gives back by name what a {@link StateVisitor} received. {@link States} checks shapes. */
public interface StateSource {
  /** The optimizer steps that were done when the state was stored: no counter can exceed them. */
  long steps();

  /** The shape of a stored part, [length] for an array; empty if there is none of that name. */
  Optional<Shape> shape(String name);

  /**
   * Fills a tensor of the stored tensor's shape and dtype.
   *
   * @throws org.mneme.compute.UserException if a stored value is not as expected
   */
  void read(String name, Tensor target, Values expected);

  /** Stored integers. */
  int[] ints(String name);

  /** Stored single-precision numbers. */
  float[] floats(String name);

  /** Stored double-precision numbers. */
  double[] doubles(String name);
}
