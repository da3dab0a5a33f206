// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import org.bytedeco.javacpp.Loader;
import org.mneme.compute.nd4j.host.JavaCppLimits;

/** This machine's. */
public final class NativeCudaSystem implements CudaSystem {
  @Override
  public void load(String library) {
    JavaCppLimits.lift();
    Loader.loadGlobal(library);
  }

  @Override
  public int initialise() {
    return cuInit(0);
  }

  @Override
  public int driverVersion() {
    int[] version = new int[1];
    check(cuDriverGetVersion(version), "cuDriverGetVersion");
    return version[0];
  }

  @Override
  public int gpuCount() {
    int[] count = new int[1];
    check(cuDeviceGetCount(count), "cuDeviceGetCount");
    return count[0];
  }

  @Override
  public CudaGpu gpu(int ordinal) {
    return CudaGpu.of(ordinal);
  }

  @Override
  public String describe(int code) {
    return CudaCalls.describe(code);
  }
}
