// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.TrainerState;
import org.mneme.train.config.AlarmAction;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.testing.MnemeAssertions;
import org.mneme.train.tokenizer.Tokenizer;

class TrainerTest extends TinyTest {
  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void everySystemLearns(PublishedSystem system) {
    RunConfig run =
        tiny.run(tiny.model(system).build(), Tiny.train().maxSteps(40).evalInterval(20).build());
    try (LanguageModel model = tiny.create(run)) {
      TrainingData data = tiny.data(run);
      double untrained = loss(model, data);
      Map<MemoryTag, Long> bytes = owned();
      TrainingResult result = new Trainer(model, run, data, new RunFolder(folder)).train();

      assertThat(untrained).isCloseTo(Math.log(tiny.tokenizer.vocabularySize()), within(0.5));
      assertThat(result.validationLoss().orElseThrow()).isLessThan(0.6 * untrained);
      assertThat(result.trainLoss()).isLessThan(0.6 * untrained);
      assertThat(result.usage().isPresent()).isEqualTo(run.model().hasMemory());
      assertThat(result.tokensPerSecond()).isPositive();
      assertThat(result.peakDeviceMemory()).isPositive();
      assertThat(owned()).as("no leak").isEqualTo(bytes);
      MnemeAssertions.assertThat(model).hasGradients();
    }
  }

  /** Open tensors, without the scratch space that kernels keep. */
  private static Map<MemoryTag, Long> owned() {
    Map<MemoryTag, Long> bytes = new EnumMap<>(MemoryTag.class);
    bytes.putAll(tiny.device.memoryReport().current());
    bytes.remove(MemoryTag.WORKSPACE);
    bytes.values().removeIf(count -> count == 0);
    return bytes;
  }

  private static double loss(LanguageModel model, TrainingData data) {
    try (ValidationLoss validation =
        new ValidationLoss(model, data.validation().orElseThrow(), 0)) {
      return validation.evaluate().loss();
    }
  }

  @Test
  void anotherSeedGivesOtherBits() throws IOException {
    RunConfig run =
        tiny.run(tiny.model(PublishedSystem.BESIDE).build(), Tiny.train().maxSteps(2).build());
    RunConfig other =
        new RunConfig(run.model(), run.train().toBuilder().seed(43).build(), run.data());
    tiny.train(run, folder.resolve("a"));
    tiny.train(other, folder.resolve("b"));
    assertThat(weights("b")).isNotEqualTo(weights("a"));
  }

  private byte[] weights(String name) throws IOException {
    Path checkpoint = RunFolder.checkpointOf(folder.resolve(name));
    return Files.readAllBytes(checkpoint.resolve("model.safetensors"));
  }

  @Test
  void accumulationIsOneStepOfTheWholeBatch() {
    TrainConfig whole = Tiny.train().seed(1).batchSize(8).maxSteps(2).logInterval(1).build();
    TrainConfig halves = whole.toBuilder().batchSize(4).accumulationSteps(2).build();
    assertNoTargetIsMasked(whole);
    List<TrainReport> one = reports(whole, "whole");
    List<TrainReport> two = reports(halves, "halves");
    assertThat(two).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(two.get(i).ce()).isCloseTo(one.get(i).ce(), within(2e-4));
      assertThat(two.get(i).gradNorm()).isCloseTo(one.get(i).gradNorm(), within(2e-3));
      assertThat(two.get(i).tokens()).isEqualTo(one.get(i).tokens()).isEqualTo((i + 1) * 8 * 16);
    }
  }

  /** Micro-batches weigh equally, whatever they mask: equality needs equal numbers of targets. */
  private static void assertNoTargetIsMasked(TrainConfig train) {
    RunConfig run = tiny.run(tiny.model(PublishedSystem.ORIGINAL).build(), train);
    BatchIterator batches = tiny.data(run).training().endless(DataPosition.START);
    for (int step = 0; step < train.maxSteps(); step++) {
      assertThat(batches.next().targetCount()).isEqualTo(8 * 16);
    }
  }

  private List<TrainReport> reports(TrainConfig train, String name) {
    RunConfig run = tiny.run(tiny.model(PublishedSystem.ORIGINAL).build(), train);
    List<TrainReport> reports = new ArrayList<>();
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, folder.resolve(name)).listen(keeping(reports)).train();
    }
    return reports;
  }

  private static TrainingListener keeping(List<TrainReport> reports) {
    return new TrainingListener() {
      @Override
      public void reported(TrainReport report) {
        reports.add(report);
      }
    };
  }

  @Test
  void metricsTellEveryEventOnALine() {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.EMA_TOKEN).build(),
            Tiny.train()
                .maxSteps(10)
                .logInterval(5)
                .evalInterval(5)
                .alarms(AlarmConfig.builder().action(AlarmAction.OFF).build())
                .build());
    tiny.train(run, folder);
    List<ObjectNode> lines = RunFiles.events(folder);
    assertThat(lines)
        .extracting(line -> line.get("event").asText())
        .containsExactly(
            "start",
            "train",
            "memory_update",
            "validation",
            "memory",
            "train",
            "memory_update",
            "validation",
            "memory");
    JsonNode train = lines.get(5);
    assertThat(train.get("step").asLong()).isEqualTo(10);
    assertThat(train.get("tokens").asLong()).isEqualTo(10 * 4 * 16);
    assertThat(train.get("loss").asDouble())
        .isCloseTo(train.get("ce").asDouble() + train.get("balance_loss").asDouble(), within(1e-6));
    assertThat(train.get("balance_loss").asDouble()).isPositive();
    assertThat(train.get("lr").asDouble()).isCloseTo(3e-4, within(1e-9));
    assertThat(train.get("grad_norm").asDouble()).isPositive();
    assertThat(train.get("tokens_per_second").asDouble()).isPositive();
    JsonNode validation = lines.get(7);
    assertThat(validation.get("perplexity").asDouble())
        .isCloseTo(Math.exp(validation.get("loss").asDouble()), within(1e-6));
    JsonNode memory = lines.get(8);
    assertThat(memory.get("used_any").asDouble())
        .isBetween(memory.get("used_top1").asDouble(), 1.0);
    assertThat(memory.get("update_coverage").asDouble()).isBetween(0.01, 1.0);
  }

  @Test
  void theCheckpointGivesTheSameLoss() {
    RunConfig run =
        tiny.run(tiny.model(PublishedSystem.BESIDE).build(), Tiny.train().maxSteps(10).build());
    TrainingResult result = tiny.train(run, folder);
    try (LanguageModel loaded = LanguageModel.load(tiny.device, result.checkpoint());
        Tokenizer tokenizer = Tokenizer.load(result.checkpoint())) {
      assertThat(tokenizer.sha256()).isEqualTo(tiny.tokenizer.sha256());
      assertThat(loss(loaded, tiny.data(run))).isEqualTo(result.validationLoss().orElseThrow());
    }
    TrainerState state = new Checkpoint(result.checkpoint()).state();
    assertThat(state.steps()).isEqualTo(10);
    assertThat(state.tokens()).isEqualTo(10 * 4 * 16);
    assertThat(state.position().index())
        .isEqualTo(40 % tiny.data(run).training().sequencesPerEpoch());
    assertThat(RunConfig.read(folder.resolve("config.json"))).isEqualTo(run);
  }

  @Test
  void withoutCheckpointsNoneIsLeft() {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.ORIGINAL).build(),
            Tiny.train().maxSteps(2).saveInterval(1).build());
    RunFolder unsaved = new RunFolder(folder);
    try (LanguageModel model = run.createModel(tiny.device)) {
      TrainingResult result =
          new Trainer(model, run, tiny.data(run), unsaved).withoutCheckpoints().train();
      assertThat(loss(model, tiny.data(run))).isEqualTo(result.validationLoss().orElseThrow());
    }
    assertThat(unsaved.checkpoints().newest()).isEmpty();
    assertThat(unsaved.metrics()).isNotEmptyFile();
  }

  @Test
  void emaMovesEntriesButNotFrozenOnes() {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.EMA_TOKEN)
                .emaDecay(0.1)
                .emaNormalised(true)
                .emaUpdateFreq(2)
                .freezeRatio(0.5)
                .build(),
            Tiny.train().maxSteps(10).build());
    try (LanguageModel model = tiny.create(run)) {
      int[] before = tokens(model);
      TrainingResult result = tiny.trainer(model, run, folder).train();
      int[] after = tokens(model);
      int half = before.length / 2;
      assertThat(after).startsWith(Arrays.copyOf(before, half));
      assertThat(after).isNotEqualTo(before);
      assertThat(result.updateCoverage().orElseThrow()).isPositive();
    }
  }

  private static int[] tokens(LanguageModel model) {
    TokenCodebook codebook = (TokenCodebook) model.memory().orElseThrow();
    return tiny.device.transfer().readInts(codebook.bank());
  }

  @Test
  void aLossThatIsNotFiniteStopsBeforeTheWeightsTakeHarm() throws IOException {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.ORIGINAL).build(),
            Tiny.train().maxSteps(10).logInterval(1).build());
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, folder).listen(spoilingAfter(3, model));
      assertThatThrownBy(trainer::train)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("step 4")
          .hasMessageContaining("weights of 'norm.weight'")
          .hasMessageContaining("finite up to step 3");
    }
    assertThat(folder.resolve("checkpoints")).doesNotExist();
    assertThat(folder.resolve("checkpoint-failed/model.safetensors")).exists();
    assertThat(Files.readAllLines(folder.resolve("metrics.jsonl"))).hasSize(4);
  }

  private static TrainingListener spoilingAfter(long step, LanguageModel model) {
    return new TrainingListener() {
      @Override
      public void stepped(long now) {
        if (now == step) {
          tiny.device.transfer().fill(model.parameters().master("norm.weight"), Double.NaN);
        }
      }
    };
  }

  @Test
  void anExceptionLeavesACheckpoint() {
    RunConfig run = tiny.run(tiny.model(PublishedSystem.ORIGINAL).build(), Tiny.train().build());
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, folder).listen(failingAfter(3));
      assertThatThrownBy(trainer::train).hasMessage("of the listener").hasNoSuppressedExceptions();
    }
    Path checkpoint = RunFolder.checkpointOf(folder);
    assertThat(new Checkpoint(checkpoint).state().steps()).isEqualTo(3);
    LanguageModel.load(tiny.device, checkpoint).close();
  }

  private static TrainingListener failingAfter(long step) {
    return new TrainingListener() {
      @Override
      public void stepped(long now) {
        if (now == step) {
          throw new IllegalStateException("of the listener");
        }
      }
    };
  }

  @Test
  void aTokenizerThatIsTooLargeIsRefused() {
    RunConfig run =
        tiny.run(tiny.model(PublishedSystem.ORIGINAL).vocabSize(100).build(), Tiny.train().build());
    try (LanguageModel model = tiny.create(run)) {
      assertThatThrownBy(() -> tiny.trainer(model, run, folder))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("vocab_size is 100")
          .hasMessageContaining(String.valueOf(tiny.tokenizer.vocabularySize()));
    }
  }

  @Test
  void revivalWithoutEmaIsRefused() {
    assertThatThrownBy(
            () ->
                tiny.run(
                    tiny.model(PublishedSystem.GATED_MLP).build(),
                    Tiny.train().revivalUnusedUpdates(2).build()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("revival_unused_updates is 2");
  }

  @Test
  void unusedEntriesAreRevived() {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.EMA_TOKEN)
                .knowledgeNum(4096)
                .emaUpdateFreq(1)
                .emaDecay(1)
                .build(),
            Tiny.train().maxSteps(4).revivalUnusedUpdates(2).revivalMaxShare(1).build());
    try (LanguageModel model = tiny.create(run)) {
      int[] before = tokens(model);
      tiny.trainer(model, run, folder).train();
      assertThat(tokens(model)).isNotEqualTo(before);
    }
  }
}
