// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.nd4j.cuda.driver.CudaGpu;
import org.mneme.compute.nd4j.cuda.driver.CudaLibraries;

/** Every reason why there is no GPU, and what is told of those there are. */
class CudaProbeTest {
  @TempDir private Path root;

  private final Set<String> resources =
      new HashSet<>(
          Set.of(
              "org/bytedeco/cuda/global/cudart.class",
              "org/bytedeco/cuda/linux-x86_64/libjnicudart.so"));
  private final FakeCudaSystem system = new FakeCudaSystem();
  private String platform = "linux-x86_64";

  private CudaProbe probe() {
    CudaLibraries libraries = new CudaLibraries(root, Map.of(), null, false);
    return new CudaProbe(resources::contains, platform, libraries, system);
  }

  private String reason() {
    List<DeviceStatus> devices = probe().devices();
    assertThat(devices).hasSize(1);
    assertThat(devices.get(0).deviceId()).isEqualTo("cuda:0");
    assertThat(devices.get(0).available()).isFalse();
    return devices.get(0).detail();
  }

  @Test
  void aGpuIsTold() {
    system.gpus.add(new CudaGpu(1, "Tesla V100", 70, 80, 98_304, 16L << 30));
    List<DeviceStatus> devices = probe().devices();
    assertThat(devices)
        .containsExactly(
            DeviceStatus.available(
                "cuda:0", "NVIDIA H200, compute capability 9.0, 141.0 GiB, driver for CUDA 13.1"),
            DeviceStatus.unavailable(
                "cuda:1", "Tesla V100, compute capability 7.0, 16.0 GiB; wanted 7.5 or later"));
  }

  @Test
  void theLargeLibrariesAreNotLoadedToTell() throws IOException {
    Path folder = Files.createDirectories(root.resolve("usr/local/cuda/lib64"));
    for (String library :
        List.of("libcudart.so.13", "libnvrtc.so.13", "libcublasLt.so.13", "libcublas.so.13")) {
      Files.writeString(folder.resolve(library), "");
    }
    Files.writeString(folder.resolve("libnvrtc-builtins.so.13.0"), "");
    CudaProbe probe = probe();
    assertThat(probe.devices().get(0).available()).isTrue();
    assertThat(system.loaded)
        .containsExactly("libcuda.so.1", "libcuda.so.1", folder + "/libcudart.so.13");
    system.loaded.clear();
    probe.loadAll();
    assertThat(system.loaded)
        .containsExactly(
            "libcuda.so.1",
            folder + "/libcudart.so.13",
            folder + "/libnvrtc-builtins.so.13.0",
            folder + "/libnvrtc.so.13",
            folder + "/libcublasLt.so.13",
            folder + "/libcublas.so.13");
  }

  @Test
  void presetsAreMissing() {
    resources.remove("org/bytedeco/cuda/linux-x86_64/libjnicudart.so");
    assertThat(reason()).contains("add org.bytedeco:cuda with the classifier linux-x86_64");
    resources.clear();
    assertThat(reason()).endsWith("add org.bytedeco:cuda");
    platform = "macosx-arm64";
    assertThat(reason()).isEqualTo("there is no CUDA for macosx-arm64");
    assertThat(system.loaded).isEmpty();
  }

  @Test
  void theDriverIsMissing() {
    system.missing = "libcuda.so.1";
    assertThat(reason()).startsWith("no NVIDIA driver is installed: libcuda.so.1: cannot open");
  }

  @Test
  void aLibraryOfTheToolkitIsMissing() {
    for (String library :
        List.of("libcudart.so.13", "libnvrtc.so.13", "libcublasLt.so.13", "libcublas.so.13")) {
      system.missing = library;
      assertThat(reason()).contains("CUDA 13 is not installed", library, "LD_LIBRARY_PATH");
    }
  }

  @Test
  void theDriverIsTooOld() {
    system.version = 12080;
    assertThat(reason()).contains("supports CUDA 12.8, wanted 13.0", "driver 580");
  }

  @Test
  void thereIsNoGpu() {
    system.code = 100;
    assertThat(reason()).isEqualTo("the NVIDIA driver finds no GPU");
    system.code = 0;
    system.gpus.clear();
    assertThat(reason()).isEqualTo("the NVIDIA driver finds no GPU");
  }

  @Test
  void theDriverDoesNotStart() {
    system.code = 803;
    assertThat(reason()).contains("does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)");
  }
}
