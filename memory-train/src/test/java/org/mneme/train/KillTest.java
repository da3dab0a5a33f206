// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.train.folder.RunFolder;

/**
 * A training in a process of its own is killed, without a word, at ten random moments, some of them
 * while it saves, and resumed each time.
 */
class KillTest {
  private static final int KILLS = 10;

  /** Longest life as a share of what is to be done, so that ten are over before the work is. */
  private static final double LIFE = 1.0 / 14;

  @TempDir Path folder;

  @Test
  void endsAsIfItHadNeverBeenKilled() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    assertThat(start(whole).waitFor()).isZero();

    SplittableRandom random = new SplittableRandom(4);
    long life = (long) (1000 * seconds(whole) * LIFE);
    int whileSaving = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(killed);
      awaitStart(process);
      Thread.sleep(random.nextLong(life));
      if (kill % 3 == 1) {
        awaitSave(process, killed);
      }
      assertThat(process.isAlive()).as("there is work left for kill %s", kill).isTrue();
      process.destroyForcibly().waitFor();
      whileSaving += isSaving(killed) ? 1 : 0;
    }
    assertThat(whileSaving).as("kills while a checkpoint was written").isPositive();
    assertThat(start(killed).waitFor()).isZero();
    assertThat(isSaving(killed)).isFalse();
    RunFiles.assertEqual(killed, whole);
  }

  @Test
  void aSecondProcessLeavesTheRunOfTheFirstAlone() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    Process first = start(run);
    awaitStart(first);
    Process second = start(run);
    assertThat(second.waitFor()).isNotZero();
    assertThat(Files.readString(folder.resolve("log")))
        .contains(run + ": in use by process " + first.pid());
    assertThat(first.isAlive()).as("both ran at the same time").isTrue();
    assertThat(first.waitFor()).isZero();
    new RunFolder(run).checkpoints().newest().orElseThrow().verify();
    assertThat(RunFiles.events(run, "start")).hasSize(1);
    assertThat(RunFiles.events(run, "validation")).hasSize(5);
  }

  private Process start(Path run) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Without vector loops: a life is too short to compile them, and would be spent on trying to.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("-D") || flag.startsWith("--"))
        .filter(flag -> !flag.startsWith("--add-modules"))
        .forEach(command::add);
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dmneme.cpu.threads=1", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of(KilledRun.class.getName(), folder.toString(), run.toString()));
    File log = folder.resolve("log").toFile();
    return new ProcessBuilder(command).redirectError(Redirect.appendTo(log)).start();
  }

  private void awaitStart(Process process) throws IOException {
    // Not closed: the process shall not meet a broken pipe.
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    assertThat(line).as(Files.readString(folder.resolve("log"))).isEqualTo(KilledRun.GOING);
  }

  private static void awaitSave(Process process, Path run) throws IOException {
    while (process.isAlive() && !isSaving(run)) {
      Thread.onSpinWait();
    }
  }

  /** Whether a checkpoint is not complete, or was not when its writer was killed. */
  private static boolean isSaving(Path run) throws IOException {
    Path checkpoints = new RunFolder(run).checkpoints().folder();
    try (Stream<Path> all = Files.list(checkpoints)) {
      return all.anyMatch(path -> path.getFileName().toString().startsWith("."));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** How long a training took. */
  private static double seconds(Path run) throws IOException {
    List<String> lines = Files.readAllLines(new RunFolder(run).metrics());
    String last =
        lines.stream().filter(line -> line.contains("elapsed_seconds")).reduce((a, b) -> b).get();
    return Double.parseDouble(last.replaceAll(".*\"elapsed_seconds\":([0-9.E-]+).*", "$1"));
  }
}
