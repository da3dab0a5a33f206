// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.train.folder.RunFolder;

/**
 * The script {@code ./mneme} with the classes of this build and a training that runs while the tree
 * is built again. Only Maven is a stand-in, which copies the classes.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherRebuildTest {
  /**
   * Copies the classes to where Maven compiles them; deletes them and fails with {@code BROKEN}.
   */
  private static final String MVN =
      """
      #!/usr/bin/env bash
      rm -rf */target/classes
      [ -z "${BROKEN:-}" ] || exit 1
      for module in "%1$s"/*; do
        mkdir -p "${module##*/}/target"
        cp -R "$module" "${module##*/}/target/classes"
      done
      mkdir -p examples/target/launcher
      cp "%2$s" examples/target/launcher/classpath
      """;

  private static final String CONFIG =
      """
      {"model": {"memory_store": "ema_token", "dim": 16, "n_layers": 2, "n_heads": 2,
                 "n_kv_heads": 1, "max_seq_len": 32, "vocab_size": 300, "knowledge_num": 64,
                 "knowledge_length": 4, "knowledge_dim": 8, "num_selected": 4},
       "train": {"learning_rate": 0.003, "batch_size": 4, "accumulation_steps": 1, "epochs": 0,
                 "max_steps": 400, "eval_interval": 0, "eval_batches": 2, "log_interval": 20,
                 "save_interval": 200},
       "data": {"files": ["text.jsonl"], "packing": "packed", "validation_fraction": 0.1},
       "watch": {"tensorboard": false}}
      """;

  @TempDir Path directory;

  private Path home;
  private Path source;
  private Path log;
  private Process training;

  @BeforeEach
  void makeTree() throws IOException {
    home = Files.createDirectories(directory.resolve("a tree"));
    log = directory.resolve("training.log");
    Files.copy(Path.of("..", "mneme"), home.resolve("mneme"));
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    Files.writeString(Files.createDirectories(home.resolve("examples/configs")).resolve("c"), "");
    Path compiled = Files.createDirectories(directory.resolve("compiled"));
    List<String> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      classPath.add(module(Path.of(entry), compiled));
    }
    classPath.removeIf(String::isEmpty);
    source = home.resolve("examples/src/main/A");
    Files.writeString(source, "first");
    Path list = Files.writeString(directory.resolve("classpath"), String.join(":", classPath));
    Path tools = Files.createDirectories(directory.resolve("tools"));
    Path mvn = Files.writeString(tools.resolve("mvn"), MVN.formatted(compiled, list));
    assertThat(mvn.toFile().setExecutable(true)).isTrue();
  }

  @AfterEach
  void endTraining() throws InterruptedException {
    if (training != null) {
      training.destroyForcibly().waitFor();
    }
  }

  /**
   * Copies the classes of one of our modules and returns where the launcher expects them; returns
   * the jars of others as they are. What is left out is empty.
   */
  private String module(Path entry, Path compiled) throws IOException {
    boolean jar = Files.isRegularFile(entry);
    if (entry.endsWith("test-classes") || entry.toString().endsWith("-tests.jar")) {
      return "";
    }
    if (!entry.getParent().endsWith("target")) {
      return entry.toString();
    }
    String name = entry.getParent().getParent().getFileName().toString();
    Files.createDirectories(home.resolve(name + "/src/main"));
    Files.writeString(home.resolve(name + "/pom.xml"), "<project/>");
    if (jar) {
      try (FileSystem content = FileSystems.newFileSystem(entry)) {
        copy(content.getPath("/"), compiled.resolve(name));
      }
    } else {
      copy(entry, compiled.resolve(name));
    }
    return home.resolve(name + "/target/classes").toString();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Path copied = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(copied);
        } else {
          Files.copy(path, copied);
        }
      }
    }
  }

  private ProcessBuilder mneme(String... arguments) {
    List<String> command = new ArrayList<>(List.of(home.resolve("mneme").toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile()).redirectOutput(log.toFile());
    // Few steps: the time to compile hot code would be longer than that to run it.
    builder
        .environment()
        .put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dmneme.cpu.threads=1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().compute("PATH", (name, path) -> directory.resolve("tools") + ":" + path);
    return builder;
  }

  private int run(ProcessBuilder builder) throws IOException, InterruptedException {
    Path out = directory.resolve("other.log");
    return builder.redirectOutput(out.toFile()).start().waitFor();
  }

  @Test
  void aTrainingSavesAndEvaluatesAfterBuildsThatReplacedItsClasses() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      lines.add("{\"text\": \"The ibis waits in the river at mile " + i * 1234 + ".\"}");
    }
    Files.write(directory.resolve("text.jsonl"), lines);
    Files.writeString(directory.resolve("c.json"), CONFIG);
    training = mneme("train", "--config", "c.json", "--runs", "runs", "--name", "r").start();
    Path run = awaitSteps();
    signal("STOP"); // or it ends before the builds do

    Files.writeString(source, "second");
    assertThat(run(mneme("--version"))).isZero();
    Files.writeString(source, "broken");
    ProcessBuilder broken = mneme("--version");
    broken.environment().put("BROKEN", "yes");
    assertThat(run(broken)).isEqualTo(2);

    assertThat(new RunFolder(run).checkpoints().newest()).isEmpty();
    signal("CONT");
    assertThat(training.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(training.exitValue()).as(Files.readString(log)).isZero();
    RunFolder folder = new RunFolder(run);
    folder.checkpoints().newest().orElseThrow().verify();
    assertThat(folder.report()).exists();
  }

  private void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(training.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** Waits for the first report of a training; returns the folder of its run. */
  private Path awaitSteps() throws IOException, InterruptedException {
    while (training.isAlive()) {
      try (Stream<Path> runs = list(directory.resolve("runs"))) {
        Path run = runs.filter(path -> !path.endsWith("shards")).findFirst().orElse(null);
        if (run != null && hasSteps(run)) {
          return run;
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the training ended: " + Files.readString(log));
  }

  private static Stream<Path> list(Path folder) throws IOException {
    return Files.isDirectory(folder) ? Files.list(folder) : Stream.empty();
  }

  private static boolean hasSteps(Path run) throws IOException {
    Path metrics = new RunFolder(run).metrics();
    return Files.isRegularFile(metrics) && Files.readString(metrics).contains("\"step\":20");
  }
}
