// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/** Sets a parameter's first values. */
@FunctionalInterface
public interface Initializer {
  /** Fills {@code target} (F32) from a seed, which no other parameter is given. */
  void initialize(Device device, Tensor target, long seed);

  /** Normal values of mean 0. */
  static Initializer normal(double standardDeviation) {
    return (device, target, seed) ->
        device.random().normal(target, 0f, (float) standardDeviation, seed);
  }

  /** One value everywhere. */
  static Initializer constant(double value) {
    return (device, target, seed) -> device.transfer().fill(target, value);
  }
}
