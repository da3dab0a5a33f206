// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.cuFuncGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuFuncGetParamInfo;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.util.Arrays;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.SizeTPointer;

/** A kernel, and what is known of its parameters and shared memory. */
public final class CudaFunction {
  /** The most parameters that a kernel may have. */
  public static final int MOST_ARGUMENTS = 64;

  /** What a block may have without asking, static and dynamic together. */
  private static final int COMMON_SHARED = 48 << 10;

  private final String name;
  private final CUfunc_st handle = new CUfunc_st();
  private final int[] parameterBytes;
  private int grantedShared;

  CudaFunction(CUmod_st module, String program, String kernel) {
    this.name = program + "." + kernel;
    check(cuModuleGetFunction(handle, module, kernel), "cuModuleGetFunction of " + name);
    int[] shared = new int[1];
    check(
        cuFuncGetAttribute(shared, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, handle),
        "cuFuncGetAttribute");
    this.grantedShared = COMMON_SHARED - shared[0];
    this.parameterBytes = parameterBytes(handle);
  }

  private static int[] parameterBytes(CUfunc_st handle) {
    int[] bytes = new int[MOST_ARGUMENTS];
    int count = 0;
    try (SizeTPointer offset = new SizeTPointer(1);
        SizeTPointer size = new SizeTPointer(1)) {
      // The end of the list is told by an error.
      while (count < bytes.length
          && cuFuncGetParamInfo(handle, count, offset, size) == CUDA_SUCCESS) {
        bytes[count++] = (int) size.get();
      }
    }
    return Arrays.copyOf(bytes, count);
  }

  /** What the driver launches. */
  public CUfunc_st handle() {
    return handle;
  }

  /**
   * Makes sure that arguments of these sizes are what the kernel takes.
   *
   * @param bytes the size of each argument, at least {@code count} of them
   */
  public void requireArguments(int[] bytes, int count) {
    boolean good = count == parameterBytes.length;
    for (int i = 0; good && i < count; i++) {
      good = bytes[i] == parameterBytes[i];
    }
    if (!good) {
      throw new IllegalArgumentException(
          name
              + " takes arguments of "
              + Arrays.toString(parameterBytes)
              + " bytes, found "
              + Arrays.toString(Arrays.copyOf(bytes, count)));
    }
  }

  /** Makes sure that a block may have {@code bytes} of dynamic shared memory. */
  public void grantShared(int bytes) {
    if (bytes > grantedShared) {
      int code = cuFuncSetAttribute(handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes);
      if (code != CUDA_SUCCESS) {
        check(code, name + " asks for " + bytes + " bytes of shared memory: cuFuncSetAttribute");
      }
      grantedShared = bytes;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
