// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.Closer;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * Copies of what a step changes before its gradient is known to be finite: losses that add up,
 * running statistics. They stay on the device, so that a step that is skipped there can be undone
 * there.
 */
final class StepSnapshot implements AutoCloseable {
  private final Device device;
  private final List<Tensor> live;
  private final List<Tensor> saved = new ArrayList<>();
  private final Closer closer = new Closer();

  /**
   * A snapshot of tensors as they are now.
   *
   * @param live F32 tensors, not closed by this object
   */
  StepSnapshot(Device device, List<Tensor> live) {
    this.device = device;
    this.live = List.copyOf(live);
    try {
      for (Tensor tensor : live) {
        saved.add(closer.add(device.allocate(MemoryTag.WORKSPACE, tensor.dtype(), tensor.shape())));
      }
      take();
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** Saves the tensors as they are. */
  void take() {
    for (int i = 0; i < live.size(); i++) {
      device.transfer().copy(live.get(i), saved.get(i));
    }
  }

  /** Restores the tensors if a number on the device is not finite; does not wait for it. */
  void restoreUnlessFinite(Tensor condition) {
    for (int i = 0; i < live.size(); i++) {
      device.optimizer().restoreUnlessFinite(condition, saved.get(i), live.get(i));
    }
  }

  /** Restores the tensors. */
  void restore() {
    for (int i = 0; i < live.size(); i++) {
      device.transfer().copy(saved.get(i), live.get(i));
    }
  }

  @Override
  public void close() {
    closer.close();
  }
}
