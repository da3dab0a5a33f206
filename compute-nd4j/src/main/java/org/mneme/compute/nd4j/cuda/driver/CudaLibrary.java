// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

/** The libraries that this provider needs, each behind those that it needs itself. */
public enum CudaLibrary {
  /** Comes with the driver, the others with CUDA 13. */
  DRIVER("libcuda.so.1", "nvcuda.dll"),
  RUNTIME("libcudart.so.13", "cudart64_13.dll"),
  NVRTC("libnvrtc.so.13", "nvrtc64_130_0.dll"),
  CUBLAS_LT("libcublasLt.so.13", "cublasLt64_13.dll"),
  CUBLAS("libcublas.so.13", "cublas64_13.dll");

  private final String linux;
  private final String windows;

  CudaLibrary(String linux, String windows) {
    this.linux = linux;
    this.windows = windows;
  }

  String fileName(boolean onWindows) {
    return onWindows ? windows : linux;
  }
}
