// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.nd4j.cuda.driver.CudaGpu;
import org.mneme.compute.nd4j.cuda.driver.CudaSystem;

/** Tells whether ND4J's CUDA backend, which is on the class path, can run on this machine. */
final class BackendRequirements {
  /** Its binaries hold machine code for 3.7 to 8.6, which 8.7 and 8.9 run too, and no PTX. */
  private static final int HIGHEST_CAPABILITY = 89;

  private static final List<String> LIBRARIES = List.of("libcublas.so.11", "libcusolver.so.11");

  /** Where its binaries look besides the system's folders. */
  private static final String TOOLKIT = "/usr/local/cuda-11.6/lib64/";

  private final Predicate<String> resourceExists;
  private final CudaProbe probe;
  private final CudaSystem system;

  /**
   * Looks at a machine.
   *
   * @param resourceExists whether the class path has a resource of that name
   */
  BackendRequirements(Predicate<String> resourceExists, CudaProbe probe, CudaSystem system) {
    this.resourceExists = resourceExists;
    this.probe = probe;
    this.system = system;
  }

  /** Why it cannot run; empty if it can. */
  Optional<String> obstacle() {
    return natives().or(this::noGpu).or(this::newerGpu).or(this::libraries);
  }

  private Optional<String> natives() {
    return resourceExists.test("org/nd4j/linalg/jcublas/bindings/linux-x86_64/libnd4jcuda.so")
        ? Optional.empty()
        : Optional.of(
            "its natives are not on the class path; add org.nd4j:nd4j-cuda-11.6 with the"
                + " classifier linux-x86_64");
  }

  private Optional<String> noGpu() {
    DeviceStatus first = probe.devices().get(0);
    return first.available() ? Optional.empty() : Optional.of(first.detail());
  }

  /** Looks at all GPUs, since ND4J spreads threads over them. */
  private Optional<String> newerGpu() {
    for (int i = 0; i < system.gpuCount(); i++) {
      CudaGpu gpu = system.gpu(i);
      if (gpu.computeCapability() > HIGHEST_CAPABILITY) {
        return Optional.of(
            gpu.description() + "; its binaries hold no code for compute capability 9.0 or later");
      }
    }
    return Optional.empty();
  }

  /** Loads what its binaries link to, so that they find it. */
  private Optional<String> libraries() {
    for (String library : LIBRARIES) {
      try {
        load(library);
      } catch (UnsatisfiedLinkError e) {
        return Optional.of("it needs the libraries of CUDA 11: " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  private void load(String library) {
    try {
      system.load(library);
    } catch (UnsatisfiedLinkError e) {
      try {
        system.load(TOOLKIT + library);
      } catch (UnsatisfiedLinkError second) {
        // That the system does not know the library tells more than that the folder is not there.
        e.addSuppressed(second);
        throw e;
      }
    }
  }
}
