// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/** γE[t] + (1−γ)f̄ from the tokens as they are: no state, so small moves are lost. */
final class PublishedBlend implements TokenBlend {
  private final Device device;
  private final double decay;
  private final Closer closer = new Closer();
  private final Tensor share;

  PublishedBlend(Device device, double decay, int chunkRows) {
    this.device = device;
    this.decay = decay;
    try {
      Buffers buffers = new Buffers(device, closer);
      this.share = buffers.scratch(DType.F32, chunkRows, 1);
      device.transfer().fill(share, 1 - decay);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  @Override
  public void blend(
      Place place, Tensor means, Tensor current, Tensor base, Tensor keep, Tensor features) {
    long size = place.size();
    device.memory().gatherRows(current, place.tokenRows(), base);
    device.transfer().fill(keep, decay);
    Tensor reads = means.reshape(size, 1, means.shape().columns());
    device.memory().weightedSum(reads, share.rows(0, size), features);
  }

  @Override
  public void close() {
    closer.close();
  }
}
