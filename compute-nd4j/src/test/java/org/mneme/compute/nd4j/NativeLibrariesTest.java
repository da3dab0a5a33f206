// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeLibrariesTest {
  private static final String BINDINGS = "org/nd4j/linalg/cpu/nativecpu/bindings/";

  private final Set<String> resources =
      new HashSet<>(
          Set.of(
              "org/nd4j/linalg/factory/Nd4j.class",
              "org/nd4j/linalg/cpu/nativecpu/CpuBackend.class",
              "org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so",
              "org/bytedeco/openblas/linux-x86_64/libjniopenblas_nolapack.so",
              BINDINGS + "linux-x86_64/libjnind4jcpu.so"));

  private NativeLibraries linux() {
    return new NativeLibraries(resources::contains, "linux-x86_64");
  }

  @Test
  void nothingIsMissing() {
    assertThat(linux().missing()).isEmpty();
    assertThat(linux().nd4jBuild()).contains("linux-x86_64");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-avx2", "-avx512", "-onednn-avx2"})
  void anyClassifierWillDo(String extension) {
    resources.remove(BINDINGS + "linux-x86_64/libjnind4jcpu.so");
    resources.add(BINDINGS + "linux-x86_64" + extension + "/libjnind4jcpu.so");
    assertThat(linux().missing()).isEmpty();
    assertThat(linux().nd4jBuild()).contains("linux-x86_64" + extension);
  }

  @Test
  void theFirstThingMissingIsNamed() {
    resources.remove("org/bytedeco/openblas/linux-x86_64/libjniopenblas_nolapack.so");
    assertThat(linux().missing().orElseThrow()).contains("org.bytedeco:openblas", "linux-x86_64");
    resources.remove("org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so");
    assertThat(linux().missing().orElseThrow()).contains("org.bytedeco:javacpp");
    resources.remove(BINDINGS + "linux-x86_64/libjnind4jcpu.so");
    assertThat(linux().missing().orElseThrow())
        .contains("org.nd4j:nd4j-native with the classifier linux-x86_64");
    resources.remove("org/nd4j/linalg/cpu/nativecpu/CpuBackend.class");
    assertThat(linux().missing().orElseThrow()).contains("add org.nd4j:nd4j-native");
  }

  @Test
  void anotherPlatformHasOtherNames() {
    assertThat(new NativeLibraries(resources::contains, "macosx-arm64").missing().orElseThrow())
        .contains("macosx-arm64");
    Set<String> windows =
        Set.of(
            "org/nd4j/linalg/factory/Nd4j.class",
            "org/nd4j/linalg/cpu/nativecpu/CpuBackend.class",
            "org/bytedeco/javacpp/windows-x86_64/jnijavacpp.dll",
            "org/bytedeco/openblas/windows-x86_64/jniopenblas_nolapack.dll",
            BINDINGS + "windows-x86_64/jnind4jcpu.dll");
    assertThat(new NativeLibraries(windows::contains, "windows-x86_64").missing()).isEmpty();
  }
}
