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
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.eval.Evaluation;
import org.mneme.eval.report.document.Sample;
import org.mneme.examples.Mneme;
import org.mneme.train.folder.RunFolder;
import picocli.CommandLine;

/** What the evaluation after a training needs is found before the training. */
class EvaluationNeedsTest {
  private static final String IDEOGRAPHS = "了们后中说而也多他我年上是发能地同到子定对民会所于以学一出时法生行成";

  @TempDir Path folder;
  private final StringWriter printed = new StringWriter();

  @BeforeEach
  void writeText() throws IOException {
    Random random = new Random(7);
    List<String> lines = new ArrayList<>();
    for (int document = 0; document < 60; document++) {
      StringBuilder text = new StringBuilder();
      IntStream.range(0, 40 + random.nextInt(80))
          .forEach(i -> text.append(IDEOGRAPHS.charAt(random.nextInt(IDEOGRAPHS.length()))));
      lines.add("{\"text\": \"" + text + "。\"}");
    }
    Files.write(folder.resolve("text.jsonl"), lines);
  }

  private int train(String... settings) {
    CommandLine commandLine = Mneme.commandLine();
    commandLine.setOut(new PrintWriter(printed, true));
    commandLine.setErr(new PrintWriter(printed, true));
    List<String> arguments = new ArrayList<>(List.of("train", file("text.jsonl"), "--runs"));
    arguments.add(file("runs"));
    Stream.concat(
            Stream.of(
                "model.vocab_size=340",
                "model.dim=16",
                "model.n_layers=1",
                "model.n_heads=2",
                "model.n_kv_heads=1",
                "model.max_seq_len=48",
                "train.max_steps=2",
                "train.batch_size=2",
                "train.accumulation_steps=1",
                "train.eval_interval=0",
                "data.packing=packed",
                "data.validation_fraction=0.1",
                "watch.tensorboard=false",
                "data.shards=" + file("shards")),
            Stream.of(settings))
        .forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return commandLine.execute(arguments.toArray(String[]::new));
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private Optional<Path> run() throws IOException {
    if (!Files.exists(folder.resolve("runs"))) {
      return Optional.empty();
    }
    try (Stream<Path> runs = Files.list(folder.resolve("runs"))) {
      return runs.findFirst();
    }
  }

  /** A document without spaces is one word, of more tokens than the model has positions. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 9, 48})
  void automaticPromptsFitTheModel(int longestSequence) throws IOException {
    assertThat(train("model.max_seq_len=" + longestSequence)).as(printed.toString()).isZero();
    Evaluation evaluation = Evaluation.read(run().orElseThrow().resolve(Evaluation.FILE));
    assertThat(evaluation.isComplete()).isTrue();
    if (longestSequence < 4) {
      assertThat(evaluation.generation()).as("no room for a prompt").isNull();
    } else {
      assertThat(evaluation.generation().samples())
          .isNotEmpty()
          .extracting(Sample::prompt)
          .allSatisfy(prompt -> assertThat(prompt).doesNotContain("\uFFFD"));
    }
  }

  @Test
  void missingFactsAreFoundInThePreflight() throws IOException {
    assertThat(train("experiment.facts=" + file("nope"))).isEqualTo(2);
    assertThat(printed.toString()).contains("nope: no such file, expected facts");
    assertThat(run()).as("nothing is left").isEmpty();
  }

  /** Was found after the tokenizer was learned, and left a run folder. */
  @Test
  void firstContentsThatTheMemoryCannotHaveAreFoundBeforeAnythingIsMade() throws IOException {
    assertThat(
            train(
                "model.memory_store=context_token",
                "model.memory_fusion=beside",
                "model.knowledge_num=64",
                "train.memory_init=text"))
        .isEqualTo(2);
    assertThat(printed.toString()).contains("memory_init is text without a data.knowledge_file");
    assertThat(run()).as("nothing is left").isEmpty();
  }

  @Test
  void factsThatAreLongerThanTheModelAreFoundBeforeTheTraining() throws IOException {
    Files.writeString(
        folder.resolve("facts.jsonl"),
        "{\"person\":\"P\",\"attribute\":\"city\",\"value\":\"Rome\",\"prompt\":\""
            + "a long question ".repeat(9)
            + "\",\"phrasing\":\"train\",\"choices\":3}\n");
    assertThat(train("experiment.facts=" + file("facts.jsonl"))).isEqualTo(2);
    assertThat(printed.toString())
        .contains("a long question", "too many tokens: expected at most 48", "max_seq_len")
        .doesNotContain("\tat org.mneme");
    assertThat(new RunFolder(run().orElseThrow()).metrics()).as("not trained").doesNotExist();
  }

  /** With a tokenizer that is there already, nothing is left behind, and --check finds it. */
  @Test
  void factsAreHeldAgainstANamedTokenizerInThePreflight() throws IOException {
    assertThat(train()).as(printed.toString()).isZero();
    Path first = run().orElseThrow();
    String tokenizer = RunFolder.checkpointOf(first).resolve("tokenizer.json").toString();
    Files.writeString(
        folder.resolve("facts.jsonl"),
        "{\"person\":\"P\",\"attribute\":\"city\",\"value\":\""
            + "very ".repeat(30)
            + "\",\"prompt\":\"P lives in\",\"phrasing\":\"train\",\"choices\":3}\n");
    assertThat(
            train(
                "experiment.facts=" + file("facts.jsonl"),
                "data.tokenizer=" + tokenizer,
                "train.seed=9"))
        .isEqualTo(2);
    assertThat(printed.toString()).contains("'P lives in'", "too many tokens");
    try (Stream<Path> runs = Files.list(folder.resolve("runs"))) {
      assertThat(runs).containsExactly(first);
    }
  }
}
