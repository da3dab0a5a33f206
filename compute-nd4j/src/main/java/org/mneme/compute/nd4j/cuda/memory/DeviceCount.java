// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * How many there are, where only the device knows: each·tensor[element]. Launches are for as many
 * as there can be.
 *
 * @param tensor I32
 */
record DeviceCount(Tensor tensor, long element, int each) {
  /** Adds the two arguments of a kernel; null where the host knows. */
  static Launch argument(Launch launch, DeviceCount count) {
    return count == null
        ? launch.tensor(null).i32(1)
        : launch.tensor(count.tensor, count.element).i32(count.each);
  }
}
