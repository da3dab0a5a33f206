// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in processes whose native libraries cannot be unpacked. */
class UnpackedLibrariesTest {
  @TempDir Path directory;

  private Path noFolder;

  @BeforeEach
  void makeFiles() throws IOException {
    noFolder = Files.writeString(directory.resolve("file"), "");
    byte[] text = "{\"text\": \"The ibis waits.\"}\n".repeat(50).getBytes(StandardCharsets.UTF_8);
    Files.write(directory.resolve("t.jsonl"), text);
    Files.write(directory.resolve("t.jsonl.zst"), Zstd.compress(text));
  }

  /** Runs a command that must fail; returns what it prints. */
  private String mneme(List<String> flags, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dorg.nd4j.log.initialization=false"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Mneme.class.getName()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process = builder.directory(directory.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isEqualTo(2);
    assertThat(out).doesNotContain("\tat ");
    return out;
  }

  @Test
  void thoseOfTheCpuDevice() throws Exception {
    List<String> flags = List.of("-Duser.home=" + noFolder, "-Djava.io.tmpdir=" + noFolder);
    assertThat(mneme(flags, "train", "t.jsonl", "--system", "1.4.6"))
        .contains("mneme: device 'cpu' cannot be opened: a native library cannot be loaded")
        .contains("JDK_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER");
  }

  @Test
  void thatOfTokenizers() throws Exception {
    assertThat(mneme(elsewhere(), "train", "t.jsonl", "--system", "1.4.6"))
        .contains("mneme: the native library of DJL's tokenizers cannot be loaded: ")
        .contains(noFolder + ", the folder of temporary files, cannot be written")
        .contains("JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER");
  }

  @Test
  void thatOfZstandard() throws Exception {
    assertThat(mneme(elsewhere(), "train", "t.jsonl.zst", "--system", "1.4.6"))
        .contains("the native library of Zstandard cannot be loaded: ")
        .contains("JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER");
  }

  /** Flags with which the device opens, but not what needs a folder of temporary files. */
  private List<String> elsewhere() {
    return List.of(
        "-Dorg.bytedeco.javacpp.cachedir="
            + Path.of(System.getProperty("user.home"), ".javacpp", "cache"),
        "-Djava.io.tmpdir=" + noFolder);
  }
}
