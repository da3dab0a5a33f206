// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;

/** Marks on the device of the entries touched since the start. */
final class Touched implements AutoCloseable {
  private static final int READ_ROWS = 1 << 20;

  private final Device device;
  private final int frozen;
  private final Tensor updates;

  Touched(Device device, int entries, int frozen) {
    this.device = device;
    this.frozen = frozen;
    this.updates =
        Closer.initialized(
            device.allocate(MemoryTag.MEMORY_BANK, DType.I32, entries),
            tensor -> device.transfer().fill(tensor, 0));
  }

  void mark(Tensor entries) {
    device.memory().countIndices(entries, updates);
  }

  /** The share of the unfrozen entries that are marked; 0 if all are frozen. */
  double coverage() {
    long entries = updates.elementCount();
    long touched = 0;
    for (long from = frozen; from < entries; from += READ_ROWS) {
      Tensor piece = updates.rows(from, Math.min(entries, from + READ_ROWS));
      for (int count : device.transfer().readInts(piece)) {
        touched += count != 0 ? 1 : 0;
      }
    }
    return frozen == entries ? 0 : touched / (double) (entries - frozen);
  }

  void forEachState(StateVisitor visitor) {
    visitor.visit("touched", updates);
  }

  void restore(StateSource source) {
    States.read(source, "touched", updates, Values.upToSteps("a count", source.steps()));
  }

  @Override
  public void close() {
    updates.close();
  }
}
