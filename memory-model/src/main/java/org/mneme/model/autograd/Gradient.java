// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import org.mneme.compute.Tensor;

/**
 * A gradient that several values may hold, since a sum hands the same one to all of its terms: it
 * is copied only when one of them adds to it while another still holds it.
 */
final class Gradient {
  private final Tensor tensor;
  private int holders = 1;

  Gradient(Tensor tensor) {
    this.tensor = tensor;
  }

  Tensor tensor() {
    return tensor;
  }

  boolean isShared() {
    return holders > 1;
  }

  Gradient share() {
    holders++;
    return this;
  }

  void release() {
    holders--;
    if (holders == 0) {
      tensor.close();
    }
  }
}
