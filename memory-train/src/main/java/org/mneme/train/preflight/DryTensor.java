// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.support.ContiguousTensor;

/** A tensor without storage. */
final class DryTensor extends ContiguousTensor<DryTensor> {
  private final Runnable released;

  DryTensor(DryDevice device, DType dtype, Shape shape, Runnable released) {
    super(device, dtype, shape, device.leakTracker().opened(null, dtype, shape));
    this.released = released;
  }

  private DryTensor(DryTensor viewed, Shape shape, long offset) {
    super(viewed, shape, offset);
    this.released = viewed.released;
  }

  @Override
  protected DryTensor view(Shape viewed, long offset) {
    return new DryTensor(this, viewed, offset);
  }

  @Override
  protected void release() {
    released.run();
  }
}
