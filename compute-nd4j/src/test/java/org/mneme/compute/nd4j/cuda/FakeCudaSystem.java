// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.nd4j.cuda.driver.CudaGpu;
import org.mneme.compute.nd4j.cuda.driver.CudaSystem;

/** A machine where everything is as it should be, until a test breaks it. */
final class FakeCudaSystem implements CudaSystem {
  static final CudaGpu H200 = new CudaGpu(0, "NVIDIA H200", 90, 132, 232_448, 141L << 30);

  final List<String> loaded = new ArrayList<>();
  final List<CudaGpu> gpus = new ArrayList<>(List.of(H200));
  String missing = "none";
  int code;
  int version = 13010;

  @Override
  public void load(String library) {
    if (library.contains(missing)) {
      throw new UnsatisfiedLinkError(library + ": cannot open shared object file");
    }
    loaded.add(library);
  }

  @Override
  public int initialise() {
    return code;
  }

  @Override
  public int driverVersion() {
    return version;
  }

  @Override
  public int gpuCount() {
    return gpus.size();
  }

  @Override
  public CudaGpu gpu(int ordinal) {
    return gpus.get(ordinal);
  }

  @Override
  public String describe(int error) {
    return "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (" + error + "): mismatch";
  }
}
