// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.compute.nd4j.cuda.driver.CudaGpu;
import org.mneme.compute.nd4j.cuda.driver.CudaLibraries;

/** When ND4J's CUDA backend is left to it, and when it is passed over. */
class Nd4jCudaBackendTest {
  private static final CudaGpu A100 = new CudaGpu(0, "NVIDIA A100", 80, 108, 166_912, 80L << 30);
  private static final CudaGpu L40 = new CudaGpu(1, "NVIDIA L40", 89, 142, 101_376, 48L << 30);

  @TempDir private Path root;

  private final FakeCudaSystem system = new FakeCudaSystem();
  private String absent = "nothing";

  @BeforeEach
  void gpus() {
    system.gpus.clear();
    system.gpus.addAll(List.of(A100, L40));
  }

  private Optional<String> obstacle() {
    CudaProbe probe =
        new CudaProbe(
            name -> true, "linux-x86_64", new CudaLibraries(root, Map.of(), null, false), system);
    return new BackendRequirements(name -> !name.contains(absent), probe, system).obstacle();
  }

  @Test
  void itIsLeftWhereItsBinariesRun() {
    assertThat(obstacle()).isEmpty();
    assertThat(system.loaded).endsWith("libcublas.so.11", "libcusolver.so.11");
  }

  @Test
  void itIsPassedOverIfAnyGpuIsNewer() {
    system.gpus.add(FakeCudaSystem.H200);
    assertThat(obstacle())
        .get()
        .asString()
        .startsWith("NVIDIA H200, compute capability 9.0")
        .contains("no code for compute capability 9.0 or later");
    assertThat(system.loaded).doesNotContain("libcublas.so.11");
  }

  @Test
  void itIsPassedOverWithoutTheLibrariesOfCuda11() {
    system.missing = "libcusolver.so.11";
    assertThat(obstacle())
        .hasValue(
            "it needs the libraries of CUDA 11: libcusolver.so.11: cannot open shared object file");
  }

  @Test
  void itIsPassedOverWithoutNatives() {
    absent = "libnd4jcuda.so";
    assertThat(obstacle()).get().asString().contains("classifier linux-x86_64");
    assertThat(system.loaded).isEmpty();
  }

  @Test
  void itIsPassedOverWithoutAGpu() {
    system.code = 100;
    assertThat(obstacle()).hasValue("the NVIDIA driver finds no GPU");
  }

  @Test
  void whatNd4jHasChosenDecides() {
    assertThat(Nd4jCudaBackend.holdsArrays(false, Optional.empty())).isFalse();
    assertThat(Nd4jCudaBackend.holdsArrays(false, Optional.of("too new"))).isFalse();
    assertThat(Nd4jCudaBackend.holdsArrays(true, Optional.empty())).isTrue();
    assertThatExceptionOfType(UserException.class)
        .isThrownBy(() -> Nd4jCudaBackend.holdsArrays(true, Optional.of("too new")))
        .withMessageContaining("used before a device was opened")
        .withMessageContaining("too new");
  }
}
