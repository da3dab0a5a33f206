// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;

/** Rotates interleaved pairs by the angles of a table, a warp for each row. */
final class RotaryKernel {
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  private final CudaRuntime cuda;

  RotaryKernel(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void rotary(
      Tensor x, Tensor table, int sequence, int rotatedHeads, int firstPosition, boolean inverse) {
    long rows = x.shape().rows();
    if (rows == 0) {
      return;
    }
    cuda.kernel("rotary", "rotary", x.dtype())
        .grid(Grids.groups(rows, WARPS))
        .block(THREADS)
        .tensor(x)
        .tensor(table)
        .i32(Grids.extent(rows))
        .i32(Grids.extent(x.shape().columns()))
        .i32(sequence)
        .i32(Grids.extent(table.shape().columns()))
        .i32(rotatedHeads)
        .i32(firstPosition)
        .f32(inverse ? -1f : 1f)
        .run();
  }
}
