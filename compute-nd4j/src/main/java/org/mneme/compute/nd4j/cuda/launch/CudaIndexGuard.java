// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import org.mneme.compute.Tensor;
import org.mneme.compute.support.IndexGuard;

/**
 * Launches a kernel before each operation that makes values out of range valid ones and records
 * them in {@link IndexFaults}. It waits for nothing and can be captured.
 */
public final class CudaIndexGuard implements IndexGuard {
  private static final String PROGRAM = "index_guard";

  /** Of the program. */
  private static final int THREADS = 256;

  private final CudaRuntime cuda;
  private final IndexFaults faults;

  /** A guard that launches on the device of {@code cuda}. */
  public CudaIndexGuard(CudaRuntime cuda, IndexFaults faults) {
    this.cuda = cuda;
    this.faults = faults;
  }

  private Launch launch(String kernel, long threads) {
    return cuda.kernel(PROGRAM, kernel).grid(Grids.groups(threads, THREADS)).block(THREADS);
  }

  @Override
  public void values(String operation, String argument, Tensor values, int last, int other) {
    // Where there is a value that means "none", it is the safe one.
    int replacement = other == NO_OTHER ? 0 : other;
    // With NO_OTHER no value out of range may pass: 0 is in range, so it adds nothing.
    int allowed = other == NO_OTHER ? 0 : other;
    launch("guard_values_i32", values.elementCount())
        .tensor(values)
        .i64(values.elementCount())
        .i32(last)
        .i32(allowed)
        .i32(replacement)
        .i64(faults.recordOf(operation, argument, last, other))
        .run();
  }

  @Override
  public void ascending(String operation, String argument, Tensor starts, int last) {
    launch("guard_ascending_i32", 1)
        .tensor(starts)
        .i64(starts.elementCount())
        .i32(last)
        .i64(faults.recordOf(operation, argument, last, NO_OTHER))
        .run();
  }

  @Override
  public void part(
      String operation, String argument, Tensor values, Tensor from, Tensor to, int last) {
    launch("guard_part_i32", values.elementCount())
        .tensor(values)
        .tensor(from)
        .tensor(to)
        .i64(values.elementCount())
        .i32(last)
        .i64(faults.recordOf(operation, argument, last, NO_OTHER))
        .run();
  }

  @Override
  public void rows(String operation, String argument, Tensor table, Tensor indices, int last) {
    long columns = table.shape().columns();
    launch("guard_rows_i32", Math.multiplyExact(indices.elementCount(), columns))
        .tensor(table)
        .tensor(indices)
        .i64(indices.elementCount())
        .i32(Grids.extent(columns))
        .i32(last)
        .i64(faults.recordOf(operation, argument, last, NO_OTHER))
        .run();
  }
}
