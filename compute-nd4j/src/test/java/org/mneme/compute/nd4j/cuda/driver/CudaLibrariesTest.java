// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibrariesTest {
  @TempDir private Path root;

  private final Map<String, String> environment = new HashMap<>();

  private Path file(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "");
  }

  private CudaLibraries libraries() {
    return new CudaLibraries(root, environment, "/not/there", false);
  }

  @Test
  void nothingIsThere() {
    assertThat(libraries().folders()).isEmpty();
    assertThat(libraries().find(CudaLibrary.NVRTC)).isEmpty();
    assertThat(libraries().compilerParts()).isEmpty();
  }

  @Test
  void toolkitsAreFoundWhereTheyAreUsuallyInstalled() throws IOException {
    Path older = file("usr/local/cuda-13.0/targets/x86_64-linux/lib/libnvrtc.so.13");
    assertThat(libraries().find(CudaLibrary.NVRTC)).hasValue(older);
    Path newer = file("usr/local/cuda-13.1/lib64/libnvrtc.so.13");
    assertThat(libraries().find(CudaLibrary.NVRTC)).hasValue(newer);
    file("usr/local/cuda/lib64/libnvrtc.so.12");
    assertThat(libraries().find(CudaLibrary.NVRTC)).hasValue(newer);
    Path current = file("usr/local/cuda/lib64/libnvrtc.so.13");
    assertThat(libraries().find(CudaLibrary.NVRTC)).hasValue(current);
  }

  @Test
  void whatTheUserNamesComesFirst() throws IOException {
    file("usr/lib/x86_64-linux-gnu/libcublasLt.so.13");
    Path toolkit = file("opt/cuda/lib64/libcublasLt.so.13");
    environment.put("CUDA_HOME", root.resolve("opt/cuda").toString());
    assertThat(libraries().find(CudaLibrary.CUBLAS_LT)).hasValue(toolkit);
    Path named = file("site/nvidia/cu13/lib/libcublasLt.so.13");
    environment.put("LD_LIBRARY_PATH", "/nothing:" + named.getParent() + "::");
    assertThat(libraries().find(CudaLibrary.CUBLAS_LT)).hasValue(named);
  }

  @Test
  void theDriverMayLieInAContainersFolder() throws IOException {
    Path driver = file("usr/local/nvidia/lib64/libcuda.so.1");
    assertThat(libraries().find(CudaLibrary.DRIVER)).hasValue(driver);
  }

  @Test
  void theCompilersPartsLieBesideIt() throws IOException {
    file("usr/lib64/libnvrtc.so.13");
    Path parts = file("usr/lib64/libnvrtc-builtins.so.13.0");
    assertThat(libraries().compilerParts()).containsExactly(parts);
  }

  @Test
  void windowsHasOtherNames() throws IOException {
    environment.put("CUDA_PATH", root.resolve("v13").toString());
    Path library = file("v13/bin/x64/cudart64_13.dll");
    assertThat(new CudaLibraries(root, environment, null, true).find(CudaLibrary.RUNTIME))
        .hasValue(library);
  }
}
