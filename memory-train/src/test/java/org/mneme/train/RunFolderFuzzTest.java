// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mneme.compute.UserException;
import org.mneme.model.io.testing.Damage;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.preflight.RunInfo;

/** Damaged files that a resume reads: each is read, or refused by its name in plain words. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunFolderFuzzTest {
  private static final int INPUTS = 20_000;

  /** Of formats that other tests try with as many as {@link #INPUTS}, by other readers. */
  private static final int FEW = 2_000;

  private static final String RUN = "earlier-versions/0.1.0-532d5fb/none/";
  private static final String CHECKPOINT = RUN + "checkpoints/step-0000000006/";
  private static final Pattern INTERNALS =
      Pattern.compile(
          "jackson|StreamRead|JsonRead|Exception|java\\.|Source:|`[A-Z]\\w|\\(token `|\n");
  private static final String INFO =
      """
      {"version":"1","description":"","started":"2026-01-01","command":"./mneme train",
       "working_directory":"/w","device":{"id":"cpu","provider":"nd4j","description":"d",
       "total_memory":-1},"memory_bytes":{"weights":12},"data":[],"config":{"model":{"dim":8,
       "n_heads":1,"n_kv_heads":1}},"identity":{"data":{"source":"ab","tokens":9},
       "provider":"nd4j","mneme":"1"}}
      """;

  private FileSystem files;
  private RunFolder folder;

  @BeforeEach
  void open() throws IOException {
    files = Jimfs.newFileSystem(Configuration.unix());
    folder = new RunFolder(files.getPath("/runs/run"));
    Files.createDirectories(folder.root());
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private static String resource(String name) throws IOException {
    return Resources.toString(Resources.getResource(name), StandardCharsets.UTF_8);
  }

  /** Reads damaged files; returns how many were refused. */
  private static int fuzz(int inputs, Path file, String whole, long seed, Consumer<Path> use)
      throws IOException {
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < inputs; i++) {
      byte[] bytes = Damage.of(whole, random);
      Files.write(file, bytes);
      try {
        use.accept(file);
      } catch (UserException e) {
        refused++;
        assertThat(e.getMessage()).startsWith(file.getParent().toString());
        assertThat(INTERNALS.matcher(e.getMessage()).find()).as(e.getMessage()).isFalse();
      } catch (RuntimeException | Error e) {
        String shown = new String(bytes, StandardCharsets.UTF_8);
        throw new AssertionError(
            "input " + i + ": <" + shown.substring(0, Math.min(3000, shown.length())) + ">", e);
      }
    }
    System.out.printf("fuzz %s: %d inputs, seed %d, %d refused%n", file, inputs, seed, refused);
    return refused;
  }

  @Test
  void informationOfRunsIsReadOrRefused() throws IOException {
    Files.writeString(folder.info(), INFO);
    assertThat(RunInfo.read(folder).identity().provider()).isEqualTo("nd4j");
    assertThat(fuzz(FEW, folder.info(), INFO, 21, file -> RunInfo.read(folder)))
        .isBetween(FEW / 2, FEW - 1);
  }

  @Test
  void configurationsOfRunsAreReadOrRefused() throws IOException {
    String whole = resource(RUN + "config.json");
    assertThat(fuzz(FEW, folder.config(), whole, 22, RunConfig::readOfRun))
        .isBetween(FEW / 2, FEW - 1);
  }

  @Test
  void statesOfTrainingsAreReadOrRefused() throws IOException {
    String whole = resource(CHECKPOINT + "trainer.json");
    Checkpoint checkpoint = new Checkpoint(folder.root());
    Path file = folder.root().resolve("trainer.json");
    assertThat(fuzz(INPUTS, file, whole, 23, path -> checkpoint.state()))
        .isBetween(INPUTS / 2, INPUTS - 1);
  }

  /** A list of checksums that is damaged is never taken for that of intact files. */
  @Test
  void checksumsAreComparedOrRefused() throws IOException {
    StringBuilder whole = new StringBuilder();
    for (String name :
        new String[] {
          "config.json",
          "model.safetensors",
          "tokenizer.json",
          "trainer.json",
          "trainer.safetensors"
        }) {
      Files.write(
          folder.root().resolve(name),
          Resources.toByteArray(Resources.getResource(CHECKPOINT + "config.json")));
      whole.append(resource(CHECKPOINT + "checksums").lines().findFirst().orElseThrow(), 0, 64);
      whole.append("  ").append(name).append('\n');
    }
    Path list = folder.root().resolve("checksums");
    Files.writeString(list, whole);
    new Checkpoint(folder.root()).verify();
    fuzz(
        INPUTS,
        list,
        whole.toString(),
        24,
        file -> {
          new Checkpoint(folder.root()).verify();
          assertThat(lines(file))
              .containsExactlyInAnyOrderElementsOf(whole.toString().lines().toList());
        });
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readString(file).lines().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
