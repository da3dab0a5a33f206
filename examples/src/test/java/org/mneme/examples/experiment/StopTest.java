// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.eval.Evaluation;
import org.mneme.examples.Arguments;
import org.mneme.examples.Mneme;
import org.mneme.train.folder.RunFolder;

/** A SIGTERM to a process that trains: before, in and after its steps. */
@DisabledOnOs(OS.WINDOWS)
class StopTest {
  private static final int PATIENCE_SECONDS = 120;

  @TempDir Path directory;

  private record Ended(int exitCode, String err, RunFolder run) {
    String resume() {
      return "Continue with " + Arguments.line(List.of("train", "--resume", run.root().toString()));
    }
  }

  /** Sends the signal as soon as a file of the run has a text. */
  private Ended stop(int documents, String file, String text, String... settings)
      throws IOException, InterruptedException {
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command(documents, settings))
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(err.toFile())
            .start();
    try {
      while (process.isAlive() && !holds(file, text)) {
        process.waitFor(5, TimeUnit.MILLISECONDS);
      }
      process.destroy();
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("has ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(err), new RunFolder(runs().get(0)));
  }

  private List<String> command(int documents, String... settings) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    String lines =
        IntStream.range(0, documents)
            .mapToObj(i -> "{\"text\": \"the cat saw dog number " + random.nextLong() + "\"}")
            .collect(Collectors.joining("\n"));
    Path text = Files.writeString(directory.resolve("text.jsonl"), lines);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Mneme.class.getName()));
    command.addAll(List.of("train", text.toString(), "--name", "tiny", "--system", "1.4.6"));
    command.addAll(List.of("--runs", directory.resolve("runs").toString()));
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.vocab_size=300",
                "model.dim=32",
                "model.n_layers=2",
                "model.n_heads=4",
                "model.n_kv_heads=2",
                "model.max_seq_len=32",
                "model.knowledge_num=64",
                "model.knowledge_dim=16",
                "train.batch_size=2",
                "train.accumulation_steps=1",
                "train.log_interval=1",
                "data.validation_fraction=0.2",
                "data.shards=" + directory.resolve("shards")));
    all.addAll(List.of(settings));
    all.forEach(setting -> command.addAll(List.of("--set", setting)));
    return command;
  }

  private List<Path> runs() throws IOException {
    Path runs = directory.resolve("runs");
    if (!Files.exists(runs)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(runs)) {
      return folders.toList();
    }
  }

  private boolean holds(String file, String text) throws IOException {
    List<Path> runs = runs();
    Path path = runs.isEmpty() ? directory.resolve(file) : runs.get(0).resolve(file);
    return Files.exists(path) && Files.readString(path).contains(text);
  }

  /** The process said nothing, and its number was left in the folder. */
  @Test
  void beforeTheFirstStepItSaysThatNothingWasTrained() throws Exception {
    Ended ended = stop(100_000, "run.pid", "\n");
    assertThat(ended.exitCode).as(ended.err).isEqualTo(143);
    assertThat(ended.err)
        .contains("mneme: SIGTERM: stopped before the first step: nothing was trained")
        .contains("holds the settings of the run and no model. " + ended.resume());
    assertThat(ended.run.pid()).doesNotExist();
    assertThat(ended.run.config()).exists();
  }

  @Test
  void amongTheStepsItSavesAndNamesTheCommandThatContinues() throws Exception {
    Ended ended = stop(5000, "metrics.jsonl", "\"train\"");
    assertThat(ended.exitCode).as(ended.err).isEqualTo(130);
    assertThat(ended.err)
        .contains("mneme: SIGTERM: finishing the step and saving")
        .containsPattern("mneme: stopped after \\d+ of \\d+ steps; saved in ")
        .contains(ended.resume());
    assertThat(ended.run.pid()).doesNotExist();
  }

  /** The process spoke of a step and then went on to the end of the evaluation. */
  @Test
  void inTheEvaluationItEndsAndKeepsWhatWasMeasured() throws Exception {
    String prompts = String.join(",", Collections.nCopies(5000, "\"the cat\""));
    Ended ended =
        stop(
            60,
            Evaluation.FILE,
            "\"loss\"",
            "train.max_steps=2",
            "experiment.prompts=[" + prompts + "]");
    assertThat(ended.exitCode).as(ended.err).isEqualTo(143);
    assertThat(ended.err)
        .contains("mneme: SIGTERM: the model is saved in ")
        .contains("the evaluation is stopped, what was measured is kept in ")
        .contains(ended.resume() + ", or measure it with ./mneme eval ")
        .doesNotContain("finishing the step");
    assertThat(ended.run.pid()).doesNotExist();
    assertThat(ended.run.report()).doesNotExist();
    Evaluation kept = Evaluation.read(ended.run.root().resolve(Evaluation.FILE));
    assertThat(kept.text().loss()).isPositive();
    assertThat(kept.unmeasured()).containsKey(Evaluation.GENERATION);
    assertThat(ended.run.checkpoints().newestIntact()).isPresent();
  }
}
