// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import org.mneme.compute.nd4j.cuda.driver.CudaContext;

/** Slabs from the driver. */
final class DriverSlabs implements BlockPool.Slabs {
  private final CudaContext context;

  DriverSlabs(CudaContext context) {
    this.context = context;
  }

  @Override
  public long allocate(long bytes) {
    if (bytes > context.gpu().totalMemory()) {
      return 0;
    }
    context.makeCurrent();
    long[] address = new long[1];
    int code = cuMemAlloc(address, bytes);
    if (code == CUDA_ERROR_OUT_OF_MEMORY) {
      return 0;
    }
    check(code, "cuMemAlloc");
    return address[0];
  }

  @Override
  public void free(long address) {
    context.makeCurrent();
    check(cuMemFree(address), "cuMemFree");
  }
}
