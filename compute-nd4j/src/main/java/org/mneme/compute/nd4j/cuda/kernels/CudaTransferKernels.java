// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import java.nio.ByteBuffer;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.IndexFaults;
import org.mneme.compute.nd4j.cuda.storage.Copies;

/** Copies and fills. */
public final class CudaTransferKernels implements TransferKernels {
  private static final int THREADS = 256;

  /** Elements that a thread converts. */
  private static final int RUN = 8;

  private final CudaRuntime cuda;
  private final Copies copies;
  private final IndexFaults faults;

  /**
   * Kernels that work with {@code cuda} and {@code copies}.
   *
   * @param faults are reported where the device is waited for
   */
  public CudaTransferKernels(CudaRuntime cuda, Copies copies, IndexFaults faults) {
    this.cuda = cuda;
    this.copies = copies;
    this.faults = faults;
  }

  @Override
  public void write(ByteBuffer source, Tensor target) {
    copies.write(source, cuda.address(target));
    source.position(source.limit());
  }

  @Override
  public void read(Tensor source, ByteBuffer target) {
    copies.read(cuda.address(source), target);
    faults.throwFirst();
    target.position(target.limit());
  }

  @Override
  public void copy(Tensor source, Tensor target) {
    long count = source.elementCount();
    if (count == 0) {
      return;
    }
    if (source.dtype() == target.dtype()) {
      copies.copy(cuda.address(source), cuda.address(target), source.byteCount());
    } else {
      cuda.kernel("transfer", "convert_to", target.dtype())
          .grid(Grids.groups(count, RUN * THREADS))
          .block(THREADS)
          .tensor(source)
          .tensor(target)
          .i64(count)
          .run();
    }
  }

  @Override
  public void fill(Tensor target, double value) {
    long count = target.elementCount();
    if (count == 0) {
      return;
    }
    long address = cuda.address(target);
    if (target.dtype() == DType.BF16) {
      copies.fill16(address, bf16((float) value), count);
    } else {
      boolean integer = target.dtype() == DType.I32;
      int bits = integer ? (int) value : Float.floatToRawIntBits((float) value);
      copies.fill32(address, bits, count);
    }
  }

  /** Rounded to the nearest, ties to even. */
  static short bf16(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
