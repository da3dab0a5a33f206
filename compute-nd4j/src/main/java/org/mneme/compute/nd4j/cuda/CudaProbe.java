// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.nd4j.cuda.driver.CudaException;
import org.mneme.compute.nd4j.cuda.driver.CudaGpu;
import org.mneme.compute.nd4j.cuda.driver.CudaLibraries;
import org.mneme.compute.nd4j.cuda.driver.CudaLibrary;
import org.mneme.compute.nd4j.cuda.driver.CudaSystem;

/** Tells which GPUs can be used, or the first thing that is missing. */
final class CudaProbe {
  private static final int LOWEST_DRIVER = 13000;
  private static final int NO_DEVICE = 100;

  private final Predicate<String> resourceExists;
  private final String platform;
  private final CudaLibraries libraries;
  private final CudaSystem system;

  /**
   * A probe.
   *
   * @param resourceExists whether the class path has a resource of that name
   * @param platform JavaCPP's name of it, such as {@code linux-x86_64}
   */
  CudaProbe(
      Predicate<String> resourceExists,
      String platform,
      CudaLibraries libraries,
      CudaSystem system) {
    this.resourceExists = resourceExists;
    this.platform = platform;
    this.libraries = libraries;
    this.system = system;
  }

  /** The status of each GPU, or one that says why there is none. */
  List<DeviceStatus> devices() {
    try {
      Optional<String> obstacle = presets().or(this::driver).or(this::toolkit).or(this::start);
      return obstacle.map(CudaProbe::none).orElseGet(this::gpus);
    } catch (LinkageError | CudaException e) {
      return none(rootCause(e).toString());
    }
  }

  private static List<DeviceStatus> none(String reason) {
    return List.of(DeviceStatus.unavailable(CudaProvider.deviceId(0), reason));
  }

  private Optional<String> presets() {
    if (platform.startsWith("mac")) {
      return Optional.of("there is no CUDA for " + platform);
    }
    if (!resourceExists.test("org/bytedeco/cuda/global/cudart.class")) {
      return Optional.of(
          "Bytedeco's presets of CUDA are not on the class path; add org.bytedeco:cuda");
    }
    String natives =
        "org/bytedeco/cuda/"
            + platform
            + (platform.startsWith("windows") ? "/jnicudart.dll" : "/libjnicudart.so");
    return resourceExists.test(natives)
        ? Optional.empty()
        : Optional.of(
            "Bytedeco's natives of CUDA for "
                + platform
                + " are not on the class path; add org.bytedeco:cuda with the classifier "
                + platform);
  }

  private Optional<String> driver() {
    return load(CudaLibrary.DRIVER).map(reason -> "no NVIDIA driver is installed: " + reason);
  }

  /** Of the toolkit, only what asking the driver takes is loaded; the rest is large. */
  private Optional<String> toolkit() {
    for (CudaLibrary library : CudaLibrary.values()) {
      Optional<String> obstacle =
          library != CudaLibrary.RUNTIME && libraries.find(library).isPresent()
              ? Optional.empty()
              : load(library);
      if (obstacle.isPresent()) {
        return Optional.of(
            "CUDA 13 is not installed, or not where it is looked for: "
                + obstacle.get()
                + "; looked in "
                + libraries.folders()
                + ", more folders can be given in LD_LIBRARY_PATH");
      }
    }
    return Optional.empty();
  }

  /** Loads a library; answers with why it does not load. */
  private Optional<String> load(CudaLibrary library) {
    Optional<String> first = Optional.empty();
    for (String candidate : candidates(library)) {
      try {
        system.load(candidate);
        return Optional.empty();
      } catch (UnsatisfiedLinkError e) {
        first = first.or(() -> Optional.of(e.getMessage()));
      }
    }
    return first;
  }

  /** The system's loader knows its driver best; of a toolkit it may know none, or another one. */
  private List<String> candidates(CudaLibrary library) {
    List<String> candidates = new ArrayList<>();
    libraries.find(library).ifPresent(file -> candidates.add(file.toString()));
    candidates.add(library == CudaLibrary.DRIVER ? 0 : candidates.size(), libraries.name(library));
    return candidates;
  }

  /**
   * Loads what computing takes.
   *
   * @throws UnsatisfiedLinkError if a library does not load
   */
  void loadAll() {
    for (CudaLibrary library : CudaLibrary.values()) {
      if (library == CudaLibrary.NVRTC) {
        libraries.compilerParts().forEach(part -> system.load(part.toString()));
      }
      load(library)
          .ifPresent(
              reason -> {
                throw new UnsatisfiedLinkError(reason);
              });
    }
  }

  private Optional<String> start() {
    int version = system.driverVersion();
    if (version < LOWEST_DRIVER) {
      return Optional.of(
          "the NVIDIA driver supports CUDA "
              + version(version)
              + ", wanted 13.0 or later: install driver 580 or later");
    }
    int code = system.initialise();
    if (code == NO_DEVICE) {
      return Optional.of("the NVIDIA driver finds no GPU");
    }
    return code == 0
        ? Optional.empty()
        : Optional.of("the NVIDIA driver does not start: " + system.describe(code));
  }

  private static String version(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private List<DeviceStatus> gpus() {
    String driver = ", driver for CUDA " + version(system.driverVersion());
    List<DeviceStatus> found = new ArrayList<>();
    for (int i = 0; i < system.gpuCount(); i++) {
      CudaGpu gpu = system.gpu(i);
      String id = CudaProvider.deviceId(i);
      found.add(
          gpu.computeCapability() < CudaGpu.LOWEST_CAPABILITY
              ? DeviceStatus.unavailable(id, gpu.description() + "; wanted 7.5 or later")
              : DeviceStatus.available(id, gpu.description() + driver));
    }
    return found.isEmpty() ? none("the NVIDIA driver finds no GPU") : found;
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
