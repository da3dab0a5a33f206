// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.UserException;
import org.mneme.memory.ema.EmaRule;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.config.QueryNorm;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.MetricsWriter;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.optimizer.MemoryOptimizer;
import org.mneme.train.optimizer.ScheduleForm;

class ResumeTest extends TinyTest {
  private static final int STEPS = 11;

  private static TrainConfigBuilder train() {
    return Tiny.train().maxSteps(STEPS).logInterval(5).evalInterval(6).saveInterval(4);
  }

  private static RunConfig run(PublishedSystem system) {
    return tiny.run(tiny.model(system).emaUpdateFreq(3).build(), train().build());
  }

  private static Stream<Arguments> trainings() {
    return Stream.of(
        of("1.4.0", PublishedSystem.ORIGINAL, model -> model, train -> train),
        of("micro-batches", PublishedSystem.ORIGINAL, model -> model, train -> halves(train)),
        of("1.4.1", PublishedSystem.CROSS_ATTENTION, model -> model, train -> train),
        of("1.4.2", PublishedSystem.GATED_MLP, model -> model, train -> train),
        of("query norm", PublishedSystem.GATED_MLP, ResumeTest::batchNorm, train -> train),
        of("1.4.5", PublishedSystem.EMA_VECTOR, model -> model, train -> train),
        of("counts", PublishedSystem.EMA_VECTOR, rule(EmaRule.COUNT), train -> train),
        of("revival", PublishedSystem.EMA_VECTOR, rule(EmaRule.COUNT), ResumeTest::reviving),
        of("1.4.6", PublishedSystem.EMA_TOKEN, rule(EmaRule.PUBLISHED), train -> train),
        of("shadow", PublishedSystem.EMA_TOKEN, rule(EmaRule.SHADOW), train -> train),
        of("token counts", PublishedSystem.EMA_TOKEN, rule(EmaRule.COUNT), train -> train),
        of("positional", PublishedSystem.EMA_TOKEN, ResumeTest::positional, train -> train),
        of("episodic", PublishedSystem.EMA_TOKEN, rule(EmaRule.EPISODIC), train -> train),
        of(
            "token revival",
            PublishedSystem.EMA_TOKEN,
            ResumeTest::positional,
            ResumeTest::reviving),
        of("text", PublishedSystem.EMA_TOKEN, ResumeTest::positional, ResumeTest::fromText),
        of("beside", PublishedSystem.BESIDE, model -> model, train -> train),
        of("lazy", PublishedSystem.BESIDE, model -> model, ResumeTest::lazy),
        of("beside tokens", PublishedSystem.BESIDE, ResumeTest::tokens, train -> train),
        of("context", PublishedSystem.CONTEXT, model -> model, train -> halves(train)));
  }

  private static Arguments of(
      String name,
      PublishedSystem system,
      UnaryOperator<ModelConfigBuilder> model,
      UnaryOperator<TrainConfigBuilder> train) {
    return Arguments.of(name, system, model, train);
  }

  private static UnaryOperator<ModelConfigBuilder> rule(EmaRule rule) {
    return model -> model.emaRule(rule);
  }

  private static ModelConfigBuilder positional(ModelConfigBuilder model) {
    return model.emaRule(EmaRule.SHADOW).emaPositional(true).emaNormalised(true);
  }

  private static ModelConfigBuilder batchNorm(ModelConfigBuilder model) {
    return model.queryNorm(QueryNorm.BATCH).memoryHeads(2);
  }

  private static ModelConfigBuilder tokens(ModelConfigBuilder model) {
    return model.memoryStore(MemoryStore.EMA_TOKEN).emaRule(EmaRule.COUNT);
  }

  private static TrainConfigBuilder halves(TrainConfigBuilder train) {
    return train.batchSize(2).accumulationSteps(2);
  }

  private static TrainConfigBuilder lazy(TrainConfigBuilder train) {
    return train.memoryOptimizer(MemoryOptimizer.LAZY).memoryLearningRate(1e-2);
  }

  private static TrainConfigBuilder fromText(TrainConfigBuilder train) {
    return train.memoryInit(MemoryInit.TEXT);
  }

  private static TrainConfigBuilder reviving(TrainConfigBuilder train) {
    return train.revivalUnusedUpdates(2).revivalMaxShare(0.5).revivalSource(RevivalSource.USED);
  }

  /** After 7 steps a log interval, an EMA period and a window of revival are under way. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("trainings")
  void anInterruptionChangesNoBit(
      String name,
      PublishedSystem system,
      UnaryOperator<ModelConfigBuilder> model,
      UnaryOperator<TrainConfigBuilder> train) {
    RunConfig run =
        tiny.run(
            model.apply(tiny.model(system).emaUpdateFreq(3)).build(), train.apply(train()).build());
    TrainingResult whole = tiny.train(run, folder.resolve("whole"));
    stop(run, folder.resolve("broken"), 7);
    assertThatThrownBy(() -> resume(run, folder.resolve("broken"), after(1)))
        .isInstanceOf(TrainingStoppedException.class)
        .hasMessageContaining("after 8 of 11 steps");
    TrainingResult resumed = resume(run, folder.resolve("broken"));

    RunFiles.assertEqual(folder.resolve("broken"), folder.resolve("whole"));
    assertThat(resumed.validationLoss()).isEqualTo(whole.validationLoss());
    assertThat(resumed.trainLoss()).isEqualTo(whole.trainLoss());
    assertThat(resumed.updateCoverage()).isEqualTo(whole.updateCoverage());
  }

  /** Says after so many steps of this part that it is enough. */
  private static BooleanSupplier after(int steps) {
    int[] asked = {0};
    return () -> ++asked[0] >= steps;
  }

  private static void stop(RunConfig run, Path where, int steps) {
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, where).stopWhen(after(steps));
      assertThatThrownBy(trainer::train).isInstanceOf(TrainingStoppedException.class);
    }
  }

  private static TrainingResult resume(RunConfig run, Path where) {
    return resume(run, where, () -> false);
  }

  private static TrainingResult resume(RunConfig run, Path where, BooleanSupplier stop) {
    try (LanguageModel model = tiny.create(run)) {
      return tiny.trainer(model, run, where).resume().stopWhen(stop).train();
    }
  }

  @Test
  void aStopInTheLastStepIsAStop() {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    tiny.train(run, folder.resolve("whole"));
    Path stopped = folder.resolve("stopped");
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, stopped).stopWhen(after(STEPS));
      assertThatThrownBy(trainer::train)
          .isInstanceOf(TrainingStoppedException.class)
          .hasMessageContaining("stopped after 11 of 11 steps; saved in " + stopped);
    }
    RunFiles.assertEqual(stopped, folder.resolve("whole"));
    assertThat(resume(run, stopped).steps()).isEqualTo(STEPS);
  }

  private static RunConfig with(RunConfig run, TrainConfigBuilder train) {
    return new RunConfig(run.model(), train.build(), run.data());
  }

  @Test
  void aRunThatWasNeverSavedBeginsAnew() throws IOException {
    RunConfig run = run(PublishedSystem.ORIGINAL);
    tiny.train(run, folder.resolve("whole"));
    RunFolder broken = new RunFolder(folder.resolve("broken"));
    Files.createDirectories(broken.checkpoints().folder().resolve(".step-0000000004.writing"));
    Files.writeString(broken.metrics(), "{\"event\":\"start\"}\n{\"event\":\"tr");
    resume(run, broken.root());
    RunFiles.assertEqual(broken.root(), folder.resolve("whole"));
    assertThat(broken.checkpoints().folder().resolve(".step-0000000004.writing")).doesNotExist();
  }

  @Test
  void aFinishedRunStaysAsItIs() throws IOException {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    TrainingResult first = tiny.train(run, folder);
    byte[] metrics = Files.readAllBytes(folder.resolve("metrics.jsonl"));
    TrainingResult again = resume(run, folder);
    assertThat(again.validationLoss()).isEqualTo(first.validationLoss());
    assertThat(again.usage()).isEqualTo(first.usage());
    assertThat(folder.resolve("metrics.jsonl")).hasBinaryContent(metrics);
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    tiny.train(run, folder.resolve("whole"));
    Path broken = folder.resolve("broken");
    stop(run, broken, 9);
    Path weights = broken.resolve("checkpoints/step-0000000009/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);
    resume(run, broken);
    assertThat(weights.getParent().resolveSibling("step-0000000009.damaged/model.safetensors"))
        .as("the damaged one is kept")
        .hasBinaryContent(bytes);
    assertThat(RunFiles.metrics(broken)).isEqualTo(RunFiles.metrics(folder.resolve("whole")));
    assertThat(RunFolder.checkpointOf(broken).resolve("model.safetensors"))
        .hasSameBinaryContentAs(
            RunFolder.checkpointOf(folder.resolve("whole")).resolve("model.safetensors"));
  }

  /** What can happen to the metrics while nobody writes to them. */
  enum Damage {
    DELETED,
    SHORTENED,
    HALF_A_LINE,
    HOLE,
    REPLACED;

    byte[] apply(byte[] bytes) {
      byte[] changed = bytes.clone();
      return switch (this) {
        case DELETED -> new byte[0];
        case SHORTENED -> Arrays.copyOf(bytes, bytes.length / 2);
        case HALF_A_LINE -> Arrays.copyOf(bytes, bytes.length - 20);
        case HOLE -> {
          Arrays.fill(changed, bytes.length / 3, bytes.length / 2, (byte) 0);
          yield changed;
        }
        case REPLACED -> "no metrics at all, but as long\n".repeat(999).getBytes(UTF_8);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void damagedMetricsAreNoReasonToRefuseACheckpoint(Damage damage) throws IOException {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    Path whole = folder.resolve("whole");
    tiny.train(run, whole);
    Path broken = folder.resolve("broken");
    stop(run, broken, 9);
    Path metrics = broken.resolve("metrics.jsonl");
    byte[] damaged = damage.apply(Files.readAllBytes(metrics));
    Files.write(metrics, damaged);
    if (damage == Damage.DELETED) {
      Files.delete(metrics);
    }
    resume(run, broken);

    assertThat(RunFolder.checkpointOf(broken).resolve("model.safetensors"))
        .hasSameBinaryContentAs(RunFolder.checkpointOf(whole).resolve("model.safetensors"));
    assertThat(RunFiles.events(broken, "metrics_damaged")).hasSize(1);
    String missing = RunFiles.events(broken, "metrics_damaged").get(0).get("missing").asText();
    assertThat(missing.contains("reports of step 5")).isEqualTo(!has(broken, "train", 5));
    assertThat(missing.contains("validations of step 6")).isEqualTo(!has(broken, "validation", 6));
    assertThat(RunFiles.events(broken, "start")).hasSize(1);
    List<ObjectNode> left = RunFiles.metrics(broken);
    left.removeIf(event -> event.get("event").asText().equals("metrics_damaged"));
    List<ObjectNode> all = RunFiles.metrics(whole);
    assertThat(all).as("no event is made up").containsAll(left);
    assertThat(left).as("all that came after the resume").endsWith(all.get(all.size() - 1));
    if (damage != Damage.DELETED) {
      assertThat(broken.resolve("metrics.jsonl.damaged")).hasBinaryContent(damaged);
    }
  }

  private static boolean has(Path run, String event, int step) {
    return RunFiles.events(run, event).stream().anyMatch(e -> e.get("step").asInt() == step);
  }

  @Test
  void aFolderDeletedUnderARunEndsItAtTheNextReport() throws IOException {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    Path deleted = folder.resolve("deleted");
    long[] last = {0};
    TrainingListener deleting =
        new TrainingListener() {
          @Override
          public void stepped(long now) {
            last[0] = now;
            if (now == 1) {
              delete(deleted);
            }
          }
        };
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, deleted).listen(deleting);
      assertThatThrownBy(trainer::train)
          .isInstanceOf(UserException.class)
          .hasMessageContaining(deleted + ": the folder was deleted while a run writes to it");
    }
    assertThat(last[0]).isLessThan(STEPS);
    assertThat(deleted.resolve("checkpoints")).doesNotExist();
  }

  private static void delete(Path directory) {
    try {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void damagedCheckpointsAloneAreNoStart() throws IOException {
    RunConfig run = run(PublishedSystem.ORIGINAL);
    stop(run, folder, 3);
    Path state = folder.resolve("checkpoints/step-0000000003/trainer.json");
    Files.writeString(state, " ", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> resume(run, folder))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("damaged checkpoints only");
  }

  @Test
  void anExceptionLosesNoStep() {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    tiny.train(run, folder.resolve("whole"));
    Path broken = folder.resolve("broken");
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, broken).listen(failingAfter(7));
      assertThatThrownBy(trainer::train).hasMessage("of the listener");
    }
    resume(run, broken);
    RunFiles.assertEqual(broken, folder.resolve("whole"));
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
  void otherSettingsThatMatterAreRefusedByName() {
    RunConfig run = run(PublishedSystem.ORIGINAL);
    stop(run, folder, 3);
    RunConfig other = with(run, run.train().toBuilder().seed(1).batchSize(8).maxSteps(20));
    assertThatThrownBy(() -> resume(other, folder))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("train.batch_size is 8, expected 4 as in the checkpoint")
        .hasMessageContaining("train.max_steps is 20, expected 11")
        .hasMessageContaining("train.seed is 1, expected 42");
  }

  @Test
  void otherDataAreRefused() {
    RunConfig run = run(PublishedSystem.ORIGINAL);
    stop(run, folder, 3);
    try (LanguageModel model = tiny.create(run)) {
      TrainingData fewer =
          TrainingData.of(run, tiny.documents.limit(40), tiny.tokenizer, (kind, done, all) -> {});
      Trainer trainer = new Trainer(model, run, fewer, new RunFolder(folder)).resume();
      assertThatThrownBy(trainer::train)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("the documents' SHA-256")
          .hasMessageContaining("sequences of an epoch");
    }
  }

  @Test
  void aConstantRateCanBeTrainedLonger() {
    RunConfig whole =
        with(run(PublishedSystem.EMA_TOKEN), train().lrSchedule(ScheduleForm.CONSTANT));
    tiny.train(whole, folder.resolve("whole"));
    Path longer = folder.resolve("longer");
    tiny.train(with(whole, whole.train().toBuilder().maxSteps(8)), longer);
    resume(with(whole, whole.train().toBuilder().saveInterval(0)), longer);
    assertThat(RunFolder.checkpointOf(longer).resolve("model.safetensors"))
        .hasSameBinaryContentAs(
            RunFolder.checkpointOf(folder.resolve("whole")).resolve("model.safetensors"));
  }

  @Test
  void aRunIsNotOverwritten() {
    RunConfig run = run(PublishedSystem.ORIGINAL);
    stop(run, folder, 3);
    List<String> names = RunFiles.names(folder);
    assertThatThrownBy(() -> tiny.train(run, folder))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("expected a new folder");
    assertThat(RunFiles.names(folder)).isEqualTo(names);
  }

  @Test
  void aRunThatIsGoingOnIsLeftAlone() {
    RunConfig run = run(PublishedSystem.ORIGINAL);
    stop(run, folder, 3);
    try (MetricsWriter other = new MetricsWriter(folder.resolve("metrics.jsonl"))) {
      assertThatThrownBy(() -> resume(run, folder))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("another training writes to this file");
    }
  }
}
