// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProgramSourceTest {
  private static final Path SOURCES = Path.of("src/main/cuda");

  static List<String> programs() throws IOException {
    return files(".cu").map(name -> name.substring(0, name.length() - 3)).toList();
  }

  private static Stream<String> files(String extension) throws IOException {
    return sources().map(file -> file.getFileName().toString()).filter(n -> n.endsWith(extension));
  }

  private static Stream<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files.filter(Files::isRegularFile).sorted().toList().stream();
    }
  }

  /** They lie in one folder of the jar. */
  @Test
  void noTwoSourcesHaveOneName() throws IOException {
    assertThat(sources().map(Path::getFileName)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyProgramIsInTheJarWithItsHeaders(String program) throws IOException {
    ProgramSource source = ProgramSource.read(program);
    Path file = sources().filter(path -> path.endsWith(source.file())).findAny().orElseThrow();
    assertThat(source.text()).isEqualTo(Files.readString(file));
    assertThat(source.headers()).containsKey("common.cuh");
  }

  /**
   * Rows that are counted in 64 bits are numbered in 64 bits: where batch norm numbered them in 32,
   * the gradient of row 2^31 went to memory before the tensor.
   */
  @Test
  void rowsThatAreCountedIn64BitsAreNumberedIn64Bits() throws IOException {
    Pattern counted = Pattern.compile("long long\\s+(rows|positions|selections|count|n)\\b");
    Pattern narrow =
        Pattern.compile("\\bu?int \\w+ = (?!\\(int\\))[^;]*blockIdx\\.[xyz] \\* (?!blockDim)[a-z]");
    for (Path file : sources().toList()) {
      for (String function : Files.readString(file).split("__device__|__global__")) {
        int body = function.indexOf('{');
        if (body >= 0 && counted.matcher(function.substring(0, body)).find()) {
          assertThat(function.lines().filter(line -> !line.contains("long long")))
              .as("%s", file)
              .noneMatch(line -> narrow.matcher(line).find());
        }
      }
    }
  }

  @Test
  void everyHeaderIsIncludedSomewhere() throws IOException {
    Set<String> included = new HashSet<>();
    for (String program : programs()) {
      included.addAll(ProgramSource.read(program).headers().keySet());
    }
    assertThat(included).containsExactlyInAnyOrderElementsOf(files(".cuh").toList());
  }

  @Test
  void noProgramUsesFloatAtomics() throws IOException {
    for (String program : programs()) {
      ProgramSource source = ProgramSource.read(program);
      assertThat(source.text() + source.headers().values())
          .as(program)
          .doesNotContain("atomicAdd((float", "atomicAddNoRet", "red.global.add.f", "atom.add.f");
    }
  }

  @Test
  void aMissingProgramIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProgramSource.read("nothing"))
        .withMessageContaining("nothing.cu");
  }

  @Test
  void theDigestChangesWithAllThatMatters() {
    ProgramSource source = new ProgramSource("a.cu", "text", new TreeMap<>());
    ProgramSource other = new ProgramSource("a.cu", "texts", new TreeMap<>());
    TreeMap<String, String> headers = new TreeMap<>();
    headers.put("h.cuh", "");
    ProgramSource more = new ProgramSource("a.cu", "text", headers);
    List<String> options = CudaPrograms.options(86);
    Set<String> digests = new HashSet<>();
    digests.add(source.digest("nvrtc 13.0", options));
    digests.add(source.digest("nvrtc 13.1", options));
    digests.add(source.digest("nvrtc 13.0", CudaPrograms.options(90)));
    digests.add(other.digest("nvrtc 13.0", options));
    digests.add(more.digest("nvrtc 13.0", options));
    assertThat(digests).hasSize(5);
    assertThat(source.digest("nvrtc 13.0", options)).isIn(digests).hasSize(64);
  }

  @Test
  void hopperIsCompiledForWithAllItHas() {
    assertThat(CudaPrograms.options(75)).contains("--gpu-architecture=sm_75", "--std=c++17");
    assertThat(CudaPrograms.options(90)).contains("--gpu-architecture=sm_90a");
    assertThat(CudaPrograms.options(120)).contains("--gpu-architecture=sm_120");
  }
}
