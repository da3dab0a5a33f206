// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * The nearest row by Euclidean distance, found as the largest ⟨x, c⟩ − ½|c|²: an inner product of
 * [x ; 1] and [c ; −½|c|²], for which there is a fused operation.
 */
final class NearestRow implements AutoCloseable {
  private static final int READ_ROWS = 4096;

  private final Device device;
  private final int width;
  private final Tensor table;
  private final Tensor queries;
  private final Tensor ones;
  private final Tensor noTokens;
  private final Tensor noKeep;
  private final int rows;
  private final Closer closer = new Closer();

  /** A search among {@code rows} rows for up to {@code queryRows} at a time. */
  NearestRow(Device device, int rows, int queryRows, int width) {
    this.device = device;
    this.rows = rows;
    this.width = width;
    try {
      this.table = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.F32, rows, width + 1L));
      this.queries =
          closer.add(device.allocate(MemoryTag.WORKSPACE, DType.F32, queryRows, width + 1L));
      this.ones =
          closer.add(device.allocate(MemoryTag.WORKSPACE, DType.F32, Math.max(rows, queryRows), 1));
      this.noTokens = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.I32, queryRows, 1));
      this.noKeep = closer.add(device.allocate(MemoryTag.WORKSPACE, DType.F32, queryRows));
      device.transfer().fill(ones, 1);
      device.transfer().fill(noTokens, 0);
      device.transfer().fill(noKeep, 0);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** Sets the rows to search among, [rows, width] F32. */
  void rows(Tensor candidates) {
    float[] offsets = new float[rows];
    for (int from = 0; from < rows; ) {
      int to = (int) Math.min(rows, from + (long) READ_ROWS);
      float[] values = device.transfer().readFloats(candidates.rows(from, to));
      for (int row = from; row < to; row++) {
        offsets[row] = -0.5f * squaredNorm(values, row - from);
      }
      from = to;
    }
    try (Tensor column = device.allocate(MemoryTag.WORKSPACE, DType.F32, rows, 1)) {
      device.transfer().writeFloats(offsets, column);
      append(candidates, column, table);
    }
  }

  private float squaredNorm(float[] values, int row) {
    double sum = 0;
    for (int i = row * width; i < (row + 1) * width; i++) {
      sum += (double) values[i] * values[i];
    }
    return (float) sum;
  }

  /** Writes the index of the row nearest to each query [U, width] to {@code out} [U] I32. */
  void find(Tensor queryRows, Tensor out) {
    long size = queryRows.shape().extent(0);
    Tensor extended = queries.rows(0, size);
    append(queryRows, ones.rows(0, size), extended);
    device
        .memory()
        .nearestToken(
            table, noTokens.rows(0, size), noKeep.rows(0, size), extended, out.reshape(size, 1));
  }

  private void append(Tensor left, Tensor column, Tensor out) {
    long size = left.shape().extent(0);
    device.memory().concatWeighted(left, column.reshape(size, 1, 1), ones.rows(0, size), out);
  }

  @Override
  public void close() {
    closer.close();
  }
}
