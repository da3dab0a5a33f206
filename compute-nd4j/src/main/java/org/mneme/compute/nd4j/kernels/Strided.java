// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * A matrix inside a tensor, such as one head of packed rows.
 *
 * @param tensor that holds it
 * @param first its first element
 * @param stride elements from one row to the next
 */
record Strided(HostTensor tensor, long first, int stride) {
  /** A pointer at the start of a row. */
  FloatPointer row(long row) {
    return tensor.floats(first + row * stride);
  }
}
