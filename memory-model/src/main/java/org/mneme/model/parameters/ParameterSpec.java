// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

import org.mneme.compute.Shape;

/**
 * One row of the parameter table.
 *
 * @param name the name on disk
 * @param shape extents
 * @param group how the optimiser treats it
 * @param pack parameters of one pack that follow each other lie without a gap, so that they can be
 *     used as one matrix; the parameter's own name if it stands alone
 * @param initializer first values
 */
public record ParameterSpec(
    String name, Shape shape, ParameterGroup group, String pack, Initializer initializer) {
  /** A parameter that stands alone. */
  public ParameterSpec(String name, Shape shape, ParameterGroup group, Initializer initializer) {
    this(name, shape, group, name, initializer);
  }
}
