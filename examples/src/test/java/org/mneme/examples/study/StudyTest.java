// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.eval.record.Findings;
import org.mneme.examples.Mneme;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.checkpoint.Checkpoints;
import org.mneme.train.folder.FolderLock;
import org.mneme.train.folder.RunFolder;
import picocli.CommandLine;

/** Two systems with two seeds, trained on a little of WordNet and some biographies. */
class StudyTest {
  private static final List<String> RUNS =
      List.of("dense-s1", "tokens-s1", "dense-s2", "tokens-s2");

  @TempDir private Path folder;
  private final StringWriter printed = new StringWriter();
  private StudyConfig config;
  private int opened;
  private boolean keeps;

  @BeforeEach
  void configure() {
    String yaml =
        """
        name: tiny
        question: Does it run?
        base:
          model: {vocab_size: 512, dim: 32, n_layers: 2, n_heads: 2, n_kv_heads: 1, max_seq_len: 48,
                  knowledge_num: 64, knowledge_dim: 16, knowledge_length: 4, num_selected: 4}
          train: {batch_size: 4, accumulation_steps: 1, epochs: 0, max_steps: 6, eval_batches: 2}
          data: {packing: packed, validation_fraction: 0.05, shards: "SHARDS"}
        data: {corpus: wordnet, every: 1000, facts: {people: 5, exposures: 3}}
        seeds: [1, 2]
        systems:
          - {name: dense, label: no memory, system: 1.4.0}
          - {name: tokens, label: token memory, system: 1.4.6, set: {train.memory_init: text}}
        evaluation: {facts_people: 2, candidates: 3, texts_per_prompt: 1, max_tokens: 4}
        """;
    config =
        new JsonConfig()
            .parse(
                "tiny.yaml",
                yaml.replace("SHARDS", folder.resolve("shards").toString()),
                StudyConfig.class);
  }

  private List<String> run(Supplier<Device> device) throws IOException {
    return run(List.of(device));
  }

  private List<String> run(List<Supplier<Device>> devices) throws IOException {
    List<PlannedSystem> systems = StudyPlanner.plan(config, "tiny.yaml");
    return new Study(
            config, systems, devices, folder, "./mneme study", keeps, new PrintWriter(printed))
        .run();
  }

  private Device open() {
    opened++;
    return Devices.open();
  }

  /** Ends the program at the third run, as a lost machine does. */
  private Device openUntilLost() {
    if (opened == 2) {
      throw new Lost();
    }
    return open();
  }

  private Device openButTheFirst() {
    if (opened == 0) {
      opened++;
      throw new UserException("the device is busy");
    }
    return open();
  }

  private Path root() {
    return folder.resolve("tiny");
  }

  private Evaluation evaluation(String run) {
    return Evaluation.read(root().resolve(run).resolve(Evaluation.FILE));
  }

  @Test
  void anInterruptedStudyGoesOnWithTheMissingRuns() throws IOException {
    assertThatThrownBy(() -> run(this::openUntilLost)).isInstanceOf(Lost.class);
    byte[] first = Files.readAllBytes(root().resolve("dense-s1").resolve(Evaluation.FILE));

    opened = 0;
    assertThat(run(this::open)).isEmpty();
    assertThat(opened).isEqualTo(2);
    assertThat(root().resolve("dense-s1").resolve(Evaluation.FILE)).hasBinaryContent(first);
    for (String name : RUNS) {
      Path run = root().resolve(name);
      assertThat(run).isDirectoryContaining("glob:**/{config.json,metrics.jsonl,findings.json}");
      try (Stream<Path> files = Files.walk(run)) {
        assertThat(files).noneMatch(file -> file.endsWith("model.safetensors"));
      }
      assertThat(evaluation(name).step()).isEqualTo(6);
      assertThat(evaluation(name).text().source()).isEqualTo("held out of WordNet 3.1");
      assertThat(evaluation(name).facts().people()).isEqualTo(5);
    }
    assertThat(root().resolve("study.md"))
        .content()
        .containsPattern("dense +\\| +2 \\|")
        .containsPattern("tokens +\\| +2 \\|")
        .contains("token memory", "Most used entries");
    assertThat(root().resolve("study.html")).isNotEmptyFile();
  }

  /** The configuration of the run alone names the biographies, of which nothing was held out. */
  @Test
  void aRunIsEvaluatedToTheSameAgain() throws IOException {
    keeps = true;
    config = config.withSeeds(List.of(1L));
    run(this::open);
    Evaluation before = evaluation("tokens-s1");
    assertThat(evaluate("tokens-s1")).as(printed.toString()).isZero();
    assertThat(evaluation("tokens-s1").text()).isEqualTo(before.text());

    Files.delete(root().resolve("study.json"));
    assertThat(evaluate("tokens-s1")).isEqualTo(2);
    assertThat(printed.toString()).contains("study.json: no such file", "run the study again");
  }

  private int evaluate(String run) {
    CommandLine commandLine = Mneme.commandLine();
    commandLine.setErr(new PrintWriter(printed, true));
    return commandLine.execute(
        "eval", root().resolve(run).toString(), "--generations", "0", "--fact-people", "1");
  }

  @Test
  void equalSeedsGiveEqualResults() throws IOException {
    config = config.withSeeds(List.of(1L));
    run(this::open);
    Evaluation before = evaluation("tokens-s1");
    Files.delete(root().resolve("tokens-s1").resolve(Evaluation.FILE));
    run(this::open);
    assertThat(evaluation("tokens-s1")).isEqualTo(before);
  }

  @Test
  void runsOnTwoDevicesEndAsOnOne() throws IOException {
    run(this::open);
    List<Evaluation> before = RUNS.stream().map(this::evaluation).toList();
    for (String name : RUNS) {
      Files.delete(root().resolve(name).resolve(Evaluation.FILE));
    }
    assertThat(run(List.of(Devices::open, Devices::open))).isEmpty();
    assertThat(RUNS.stream().map(this::evaluation)).isEqualTo(before);
  }

  @Test
  void aRunThatFailsLeavesTheOthersAlone() throws IOException {
    config = config.withSeeds(List.of(1L));
    assertThat(run(this::openButTheFirst))
        .singleElement()
        .asString()
        .startsWith("dense-s1")
        .contains("the device is busy");
    assertThat(evaluation("tokens-s1").step()).isEqualTo(6);
    assertThat(root().resolve("study.md")).content().contains("the device is busy");
  }

  @Test
  void aFinishedRunOfAnotherConfigurationIsNotTakenForThisOne() throws IOException {
    config = config.withSeeds(List.of(1L));
    run(this::open);
    String changed =
        new JsonConfig().write(config).replace("\"max_steps\" : 6", "\"max_steps\" : 7");
    config = new JsonConfig().parse("tiny.json", changed, StudyConfig.class);
    assertThat(run(this::open))
        .hasSize(2)
        .allSatisfy(failure -> assertThat(failure).contains("another configuration"));
  }

  /** A training that was paid for is not paid for again because its evaluation failed. */
  @Test
  void aTrainedModelIsKeptUntilAllOfItIsMeasured() throws IOException {
    config = config.withSeeds(List.of(1L));
    keeps = true;
    run(this::open);
    keeps = false;
    Path run = root().resolve("dense-s1");
    Files.delete(run.resolve(Evaluation.FILE));
    Files.delete(run.resolve(Findings.FILE));
    Path inTheWay = Files.createDirectories(run.resolve(Findings.FILE).resolve("folder"));
    Path weights = RunFolder.checkpointOf(run).resolve("model.safetensors");
    FileTime trained = Files.getLastModifiedTime(weights);

    assertThat(run(this::open))
        .singleElement()
        .asString()
        .startsWith("dense-s1")
        .contains("the evaluation is not complete", "findings");
    assertThat(evaluation("dense-s1").text()).as("what was measured stays").isNotNull();
    assertThat(evaluation("dense-s1").unmeasured()).containsOnlyKeys("findings");
    assertThat(Files.getLastModifiedTime(weights)).isEqualTo(trained);
    assertThat(root().resolve("study.md")).content().contains("findings", "dense", "tokens");

    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    assertThat(run(this::open)).isEmpty();
    assertThat(evaluation("dense-s1").isComplete()).isTrue();
    assertThat(weights).as("measured, and not to be kept").doesNotExist();
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
        .filteredOn(line -> line.contains("\"event\":\"start\""))
        .as("trained once")
        .hasSize(1);
  }

  @Test
  void anInterruptedRunIsResumedFromItsCheckpoint() throws IOException {
    config = saving(config.withSeeds(List.of(1L)));
    run(this::open);
    Evaluation before = evaluation("tokens-s1");
    Path run = root().resolve("tokens-s1");
    Files.delete(run.resolve(Evaluation.FILE));
    keeps = true;
    run(this::open);
    Checkpoints saved = new RunFolder(run).checkpoints();
    assertThat(saved.complete()).hasSize(3);
    for (long lost : new long[] {4, 6}) {
      MoreFiles.deleteRecursively(
          saved.after(lost).directory(), RecursiveDeleteOption.ALLOW_INSECURE);
    }
    Path kept = saved.after(2).directory().resolve("model.safetensors");
    FileTime time = Files.getLastModifiedTime(kept);
    Files.delete(run.resolve(Evaluation.FILE));

    assertThat(run(this::open)).isEmpty();
    assertThat(Files.getLastModifiedTime(kept))
        .as("not trained from the beginning")
        .isEqualTo(time);
    assertThat(evaluation("tokens-s1")).isEqualTo(before);
  }

  /** It removed the runs of the first. */
  @Test
  void aSecondStudyOfOneNameTouchesNothing() throws IOException {
    config = config.withSeeds(List.of(1L));
    Path unfinished = Files.createDirectories(root().resolve("dense-s1"));
    Path metrics =
        Files.writeString(unfinished.resolve("metrics.jsonl"), "{\"event\":\"start\"}\n");
    try (FolderLock first = FolderLock.acquire(root())) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> run(this::open))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("in use by process");
    }
    assertThat(opened).isZero();
    assertThat(metrics).exists();
  }

  @Test
  void aRunThatAnotherProcessTrainsIsLeftToIt() throws IOException {
    config = config.withSeeds(List.of(1L));
    Path unfinished = Files.createDirectories(root().resolve("dense-s1"));
    Path metrics =
        Files.writeString(unfinished.resolve("metrics.jsonl"), "{\"event\":\"start\"}\n");
    try (FolderLock other = FolderLock.acquire(unfinished)) {
      assertThat(other).isNotNull();
      assertThat(run(this::open))
          .singleElement()
          .asString()
          .startsWith("dense-s1")
          .contains("in use by process");
    }
    assertThat(metrics).exists();
    assertThat(evaluation("tokens-s1").isComplete()).isTrue();
  }

  private static StudyConfig saving(StudyConfig config) {
    String changed =
        new JsonConfig()
            .write(config)
            .replace(
                "\"max_steps\" : 6", "\"max_steps\" : 6, \"save_interval\": 2, \"keep_last\": 3");
    return new JsonConfig().parse("tiny.json", changed, StudyConfig.class);
  }

  private static final class Lost extends Error {
    private static final long serialVersionUID = 1;
  }
}
