// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** NVRTC refuses some of what other compilers of CUDA accept. */
@NeedsNvrtc
class CudaProgramsCompileTest {
  /** The lowest, the lowest with BF16, and one with instructions of its own. */
  private static final List<Integer> CAPABILITIES = List.of(75, 80, 90);

  /** Optimising takes most of the time and finds no errors. */
  private static final String FAST = "--Ofast-compile=max";

  private final Nvrtc compiler = new Nvrtc();

  static Stream<Arguments> programs() throws IOException {
    return ProgramSourceTest.programs().stream()
        .flatMap(
            program -> CAPABILITIES.stream().map(capability -> Arguments.of(program, capability)));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void compiles(String program, int capability) {
    List<String> options = new ArrayList<>(CudaPrograms.options(capability));
    options.add(FAST);
    assertThat(compiler.compile(ProgramSource.read(program), options)).isNotEmpty();
  }
}
