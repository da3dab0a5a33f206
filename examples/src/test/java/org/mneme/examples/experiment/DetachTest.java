// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.examples.Mneme;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.folder.RunLock;
import org.mneme.train.preflight.RunInfo;
import picocli.CommandLine;

/** {@code train --check} and {@code --detach}. */
class DetachTest {
  private static final int PATIENCE_SECONDS = 120;

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeText() throws IOException {
    String lines =
        IntStream.range(0, 60)
            .mapToObj(i -> "{\"text\": \"the cat saw dog number " + i + "\"}")
            .collect(Collectors.joining("\n"));
    Files.writeString(directory.resolve("text.jsonl"), lines);
  }

  private int train(String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--name", "tiny", "--runs"));
    arguments.addAll(List.of(directory.resolve("runs").toString(), "--system", "1.4.6"));
    for (String setting :
        List.of(
            "model.vocab_size=300",
            "model.dim=32",
            "model.n_layers=2",
            "model.n_heads=4",
            "model.n_kv_heads=2",
            "model.max_seq_len=32",
            "model.knowledge_num=64",
            "model.knowledge_dim=16",
            "train.max_steps=4",
            "train.batch_size=2",
            "train.accumulation_steps=1",
            "data.validation_fraction=0.2",
            "data.shards=" + directory.resolve("shards"))) {
      arguments.addAll(List.of("--set", setting));
    }
    arguments.addAll(List.of(more));
    CommandLine commandLine = Mneme.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments.toArray(String[]::new));
  }

  private String text() {
    return directory.resolve("text.jsonl").toString();
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

  @Test
  void checkTellsWhatIsNeededAndLeavesNothing() throws IOException {
    assertThat(train(text(), "--check")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("memory bank", "activations", "checkpoints", "can begin");
    assertThat(runs()).isEmpty();
  }

  @Test
  void checkTellsAllProblems() {
    assertThat(train(directory.resolve("none.jsonl").toString(), "--check", "--device", "cuda:99"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("2 problems", "none.jsonl", "cuda:99");
  }

  @Test
  void trainsInTheBackground() throws Exception {
    assertThat(train(text(), "--detach")).as(err.toString()).isZero();
    RunFolder run = new RunFolder(runs().get(0));
    assertThat(out.toString())
        .contains("watch: tail -f " + run.log(), "stop:  kill -TERM ", run.metrics().toString());
    // It may have ended by now; if not, its number is that of a process that trains.
    run.process().ifPresent(process -> assertThat(out.toString()).contains("" + process.pid()));
    if (run.process().isPresent()) {
      run.process().get().onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(run.report()).as(Files.readString(run.log())).exists();
    assertThat(run.pid()).doesNotExist();
    assertThat(run.log()).content().contains("memory bank", "report: ");
    RunInfo info = RunInfo.read(run);
    assertThat(info.version()).isEqualTo("1.4.6");
    assertThat(info.command())
        .startsWith("./mneme train --name tiny")
        .doesNotContain("--detach", "--into");
    assertThat(info.config().train().maxSteps()).isEqualTo(4);
    assertThat(info.data()).hasSize(1);
    assertThat(info.data().get(0).files().get(0).sha256()).hasSize(64);
  }

  @Test
  void tellsWhyItDidNotBegin() throws IOException {
    assertThat(train(directory.resolve("none.jsonl").toString(), "--detach")).isEqualTo(2);
    assertThat(out.toString()).contains("none.jsonl: no such file");
    assertThat(runs()).isEmpty();
  }

  @Test
  void aSecondTrainingTouchesNothingOfTheFirst() throws Exception {
    assertThat(train(text(), "--set", "train.save_interval=2")).as(err.toString()).isZero();
    RunFolder run = new RunFolder(runs().get(0));
    byte[] info = Files.readAllBytes(run.info());
    Files.writeString(run.pid(), "1\n");
    CommandLine again = Mneme.commandLine();
    again.setErr(new PrintWriter(err, true));
    try (RunLock first = RunLock.acquire(run)) {
      for (List<String> more : List.of(List.<String>of(), List.of("--detach"))) {
        List<String> arguments = new ArrayList<>(List.of("train", "--resume"));
        arguments.add(first.folder().root().toString());
        arguments.addAll(more);
        assertThat(again.execute(arguments.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).contains(run.root() + ": in use by process");
        assertThat(run.info()).hasBinaryContent(info);
        assertThat(run.pid()).hasContent("1\n");
      }
    }
  }

  @Test
  void aDamagedTokenizerOfTheNewestCheckpointIsSkippedToo() throws Exception {
    assertThat(train(text(), "--set", "train.save_interval=2")).as(err.toString()).isZero();
    RunFolder run = new RunFolder(runs().get(0));
    Path newest = run.checkpoints().after(4).directory();
    byte[] weights = Files.readAllBytes(newest.resolve("model.safetensors"));
    Files.writeString(newest.resolve("tokenizer.json"), "{}");
    CommandLine again = Mneme.commandLine();
    again.setOut(new PrintWriter(out, true));
    again.setErr(new PrintWriter(err, true));
    assertThat(again.execute("train", "--resume", run.root().toString()))
        .as(err.toString())
        .isZero();
    assertThat(newest.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(newest.resolveSibling(newest.getFileName() + ".damaged").resolve("tokenizer.json"))
        .hasContent("{}");
  }
}
