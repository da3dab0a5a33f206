// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;

/**
 * The rows of a parameter that were read since its gradient was set to 0: no others have a
 * gradient. Their list stays on the device.
 */
final class ReadRows implements AutoCloseable {
  private final Device device;
  private final Parameter parameter;
  private final Tensor readCounts;
  private final Tensor copy;
  private final Tensor moment1;
  private final Tensor moment2;
  private final Tensor rows;
  private final Tensor rowCount;
  private final Closer closer = new Closer();

  /** The rows of a parameter whose reads are counted; moments are of the layout of the arena. */
  ReadRows(Device device, ParameterArena arena, String name, Tensor moment1, Tensor moment2) {
    this.device = device;
    this.parameter = arena.parameter(name);
    this.readCounts = parameter.readCounts().orElseThrow();
    this.copy = arena.lowPrecisionCopy() == null ? null : parameter.value();
    this.moment1 = arena.part(moment1, name);
    this.moment2 = arena.part(moment2, name);
    try {
      this.rows =
          closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.I32, readCounts.elementCount()));
      this.rowCount = closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.I32, 1));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private void list() {
    device.memory().listRows(readCounts, rows, rowCount);
  }

  void zeroGradient() {
    list();
    device.memory().zeroRows(rows, rowCount, parameter.gradientOrNull());
    device.transfer().fill(readCounts, 0);
  }

  void addSquares(Tensor sum) {
    list();
    device
        .optimizer()
        .sumOfSquaresRows(parameter.gradientOrNull(), rows, rowCount, Accumulation.ADD, sum);
  }

  /** Moves the rows that {@link #addSquares} found. */
  void update(AdamWSettings settings, Tensor schedule, Tensor factor) {
    device
        .optimizer()
        .adamWRows(
            parameter.master(),
            parameter.gradientOrNull(),
            moment1,
            moment2,
            copy,
            rows,
            rowCount,
            settings,
            schedule,
            factor);
  }

  @Override
  public void close() {
    closer.close();
  }
}
