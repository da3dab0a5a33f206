// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Output that does not arrive is an error, as for other programs: scripts would go on with it. */
class LostOutputTest {
  @Test
  void endsWithAnErrorWhereTheDiskIsFull() throws Exception {
    File full = new File("/dev/full"); // a device to which nothing can be written
    assumeThat(full).exists();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = System.getProperty("java.class.path");
    ProcessBuilder help =
        new ProcessBuilder(
            List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                Mneme.class.getName(),
                "--help"));
    Process helped = help.redirectOutput(full).start();
    String err = new String(helped.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(helped.waitFor()).as(err).isEqualTo(2);
    assertThat(err).contains("mneme: the output cannot be written in full");
  }
}
