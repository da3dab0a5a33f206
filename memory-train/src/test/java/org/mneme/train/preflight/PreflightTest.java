// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.DataConfigBuilder;
import org.mneme.train.config.ExperimentConfig;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.folder.RunFolder;

class PreflightTest {
  @TempDir Path directory;

  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = directory.resolve("text.jsonl");
    Files.writeString(text, "{\"text\": \"a cat\"}\n{\"text\": \"a dog\"}\n");
  }

  private static ModelConfigBuilder model() {
    return ModelConfig.builder().vocabSize(300).dim(32).nLayers(2).nHeads(4).nKvHeads(2);
  }

  private DataConfigBuilder data(Path... files) {
    return DataConfig.builder()
        .files(List.of(files).stream().map(Path::toString).toList())
        .shards(directory.resolve("shards").toString());
  }

  private RunConfig run(ModelConfigBuilder model, DataConfigBuilder data) {
    TrainConfig train = TrainConfig.builder().batchSize(2).build();
    return new RunConfig(model.maxSeqLen(16).build(), train, data.build());
  }

  private Passed pass(RunConfig run, Supplier<Device> devices) {
    return new Preflight(run, directory.resolve("runs/one")).pass(devices);
  }

  @Test
  void aRunThatCanBeginTellsWhatItTakes() {
    try (Passed passed = pass(run(model(), data(text)), Devices::open)) {
      assertThat(passed.table())
          .contains("memory of", "weights, f32", "gradients", "moments", "activations", "in all")
          .contains("disk of", "checkpoints", "tokenised text");
      assertThat(directory.resolve("runs")).doesNotExist();
    }
  }

  @Test
  void allowsForAllCheckpointsThatAreThereAtOnce() {
    RunConfig run = run(model(), data(text));
    TrainConfig keeping = run.train().toBuilder().keepLast(4).keepBest(2).build();
    RunConfig other = new RunConfig(run.model(), keeping, run.data());
    try (Passed passed = pass(other, Devices::open)) {
      assertThat(passed.disk().checkpoints()).isEqualTo(7);
      assertThat(passed.table()).contains("(7 of ");
    }
  }

  @Test
  void tellsAllProblemsAtOnce() throws IOException {
    Path other = directory.resolve("other.jsonl");
    Files.writeString(other, "{\"text\": \"fine\"}\n{\"body\": \"not so\"}\n");
    Path empty = Files.createFile(directory.resolve("empty.jsonl"));
    RunConfig run =
        run(
            model().vocabSize(100),
            data(directory.resolve("missing.jsonl"), other, empty, text)
                .knowledgeFile(directory.resolve("no-knowledge.jsonl").toString()));
    Supplier<Device> none =
        () -> {
          throw new UserException("device 'cuda:7' cannot be used");
        };
    assertThatThrownBy(() -> pass(run, none))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("the run cannot begin, 6 problems:\n")
        .hasMessageContaining("\n  - device 'cuda:7' cannot be used")
        .hasMessageContaining("missing.jsonl: no such file")
        .hasMessageContaining("other.jsonl, line 2: no field \"text\"")
        .hasMessageContaining("empty.jsonl: is empty")
        .hasMessageContaining("no-knowledge.jsonl: no such file")
        .hasMessageContaining("vocab_size is 100, expected at least");
  }

  @Test
  void aProblemAloneStandsForItself() {
    assertThatThrownBy(() -> pass(run(model(), data()), Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessage("data configuration: files is empty, expected at least one file");
  }

  @Test
  void firstContentsThatTheMemoryCannotHaveAreAProblem() throws IOException {
    ModelConfigBuilder contexts = model().memoryStore(MemoryStore.CONTEXT_TOKEN);
    contexts.memoryFusion(MemoryFusion.BESIDE).knowledgeNum(64);
    assertRefused(contexts, MemoryInit.TEXT, "text without a data.knowledge_file, expected");
    assertRefused(contexts, MemoryInit.KMEANS, "kmeans, expected random");
    ModelConfigBuilder vectors = model().memoryStore(MemoryStore.LEARNED).knowledgeNum(64);
    assertRefused(vectors, MemoryInit.TEXT, "text, expected random: the entries are vectors");
    vectors.memoryFusion(MemoryFusion.BESIDE).knowledgeDim(16);
    assertRefused(vectors, MemoryInit.KMEANS, "kmeans, expected random: entries of width 32");
    Path facts = Files.writeString(directory.resolve("facts.txt"), "A cat is an animal.\n");
    RunConfig reads = run(contexts, data(text).knowledgeFile(facts.toString()));
    pass(withInit(reads, MemoryInit.TEXT), Devices::open).close();
  }

  private void assertRefused(ModelConfigBuilder model, MemoryInit init, String message) {
    RunConfig run = withInit(run(model, data(text)), init);
    assertThatThrownBy(() -> pass(run, Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("memory_init is " + message);
  }

  private static RunConfig withInit(RunConfig run, MemoryInit init) {
    return run.withTrain(run.train().toBuilder().memoryInit(init).build());
  }

  @Test
  void oneDocumentIsAProblemOnlyIfSomeAreHeldOut() throws IOException {
    Path one = directory.resolve("one.jsonl");
    Files.writeString(one, "{\"text\": \"\"}\n{\"text\": \"a cat\"}\n{\"text\": \"\"}\n");
    assertThatThrownBy(() -> pass(run(model(), data(one)), Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("one.jsonl: has 1 document, expected at least 2 to hold some out")
        .hasMessageContaining("data.validation_fraction");
    assertThatThrownBy(() -> pass(run(model(), data(text).maxDocuments(1)), Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("text.jsonl: has 1 document by data.max_documents");
    pass(run(model(), data(one).validationFraction(0)), Devices::open).close();
    pass(run(model(), data(one, text)), Devices::open).close();
  }

  @Test
  void fewerSentencesThanCentresAreAProblem() throws IOException {
    ModelConfigBuilder tokens = model().memoryStore(MemoryStore.EMA_TOKEN).knowledgeNum(64);
    RunConfig few = withInit(run(tokens, data(text)), MemoryInit.KMEANS);
    assertThatThrownBy(() -> pass(few, Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("text.jsonl: has 2 sentences, expected at least knowledge_num")
        .hasMessageContaining("which is 64, for memory_init kmeans");
    Path facts = directory.resolve("facts.txt");
    Files.writeString(facts, "A cat is an animal.\n".repeat(64));
    RunConfig enough = run(tokens, data(text).knowledgeFile(facts.toString()));
    pass(withInit(enough, MemoryInit.KMEANS), Devices::open).close();
  }

  @Test
  void documentsWithoutTextAreAProblem() throws IOException {
    Path none = Files.writeString(directory.resolve("none.jsonl"), "{\"text\": \"\"}\n");
    assertThatThrownBy(() -> pass(run(model(), data(none).validationFraction(0)), Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("none.jsonl: has empty documents only");
  }

  @Test
  void aTokenizerThatIsMissingIsAProblem() {
    Path nowhere = directory.resolve("nowhere");
    RunConfig run = run(model(), data(text).tokenizer(nowhere.toString()));
    assertThatThrownBy(() -> pass(run, Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void aTrainingThatDoesNotFitIsAProblemWithItsTable() {
    RunConfig large = run(model().dim(8192).nLayers(96).hiddenDim(0), data(text));
    assertThatThrownBy(() -> pass(large, Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("the training takes about")
        .hasMessageContaining("gradients")
        .hasMessageContaining("checkpoints");
  }

  @Test
  void aTypeThatTheDeviceLacksIsAProblem() {
    RunConfig run = run(model(), data(text));
    TrainConfig bf16 = run.train().toBuilder().dtype(DType.BF16).build();
    RunConfig other = new RunConfig(run.model(), bf16, run.data());
    Supplier<Device> f32Only = () -> Devices.discover().open(Optional.of("cpu"));
    assertThatThrownBy(() -> pass(other, f32Only))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("dtype is bf16");
  }

  @Test
  void aPlaceThatCannotHoldFilesIsAProblem() {
    RunConfig run = run(model(), data(text).shards(text.resolve("shards").toString()));
    assertThatThrownBy(() -> pass(run, Devices::open))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("text.jsonl: is a file, expected a folder");
  }

  @Test
  void informationIsReadAsItWasWritten() {
    ExperimentConfig experiment =
        new JsonConfig().parse("test.yaml", "version: 1.4.9", ExperimentConfig.class);
    RunConfig run = run(model(), data(text)).withExperiment(experiment);
    RunFolder folder = new RunFolder(directory.resolve("runs/two"));
    try (Passed passed = pass(run, Devices::open)) {
      RunInfo info = RunInfo.of(run, passed, "./mneme train text.jsonl");
      info.write(folder);
      assertThat(folder.info())
          .content()
          .contains("\"version\" : \"1.4.9\"", "\"working_directory\"", "\"total_memory\"")
          .contains("\"command\" : \"./mneme train text.jsonl\"", "\"learning_rate\"");
      assertThat(RunInfo.read(folder)).isEqualTo(info);
      assertThat(info.versions().libraries()).anyMatch(jar -> jar.startsWith("jackson-databind-"));
      assertThat(info.device().id()).isEqualTo(passed.device().info().id());
      assertThat(info.machine().processors()).isPositive();
    }
  }
}
