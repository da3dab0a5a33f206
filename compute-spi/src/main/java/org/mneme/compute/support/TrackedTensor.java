// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.Tensor;

/** A tensor that can tell where its owner was opened and closed. */
public interface TrackedTensor extends Tensor {
  /** The ticket of the owner of the storage. */
  LeakTracker.Ticket ticket();
}
