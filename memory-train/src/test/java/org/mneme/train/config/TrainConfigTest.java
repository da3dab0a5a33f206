// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.data.BatchConfig;

class TrainConfigTest {
  @TempDir Path folder;

  @Test
  void allFaultsAreReportedAtOnce() {
    TrainConfigBuilder builder =
        TrainConfig.builder()
            .learningRate(-1)
            .memoryLearningRate(Double.NEGATIVE_INFINITY)
            .minLrRatio(1.5)
            .warmupIters(-2)
            .batchSize(0)
            .accumulationSteps(-3)
            .epochs(0)
            .gradClip(Double.NaN)
            .weightDecay(-0.1)
            .beta1(1)
            .beta2(-0.5)
            .adamEps(0)
            .logInterval(0)
            .evalInterval(-4)
            .evalBatches(-5)
            .saveInterval(-6)
            .revivalUnusedUpdates(-7)
            .revivalMaxShare(0)
            .revivalNoise(2);
    assertThatThrownBy(builder::build)
        .isInstanceOf(UserException.class)
        .hasMessage(
            "training configuration: learning_rate is -1.0, expected a number above 0;"
                + " memory_learning_rate is -Infinity, expected a number above 0;"
                + " min_lr_ratio is 1.5, expected 0 to 1;"
                + " warmup_iters is -2, expected at least 0;"
                + " batch_size is 0, expected at least 1;"
                + " accumulation_steps is -3, expected at least 1;"
                + " epochs and max_steps is 0 both, expected at least one of them above 0;"
                + " grad_clip is NaN, expected a number of at least 0;"
                + " weight_decay is -0.1, expected a number of at least 0;"
                + " beta1 is 1.0, expected at least 0 and below 1;"
                + " beta2 is -0.5, expected at least 0 and below 1;"
                + " adam_eps is 0.0, expected a number above 0;"
                + " log_interval is 0, expected at least 1;"
                + " eval_interval is -4, expected at least 0;"
                + " eval_batches is -5, expected at least 0;"
                + " save_interval is -6, expected at least 0;"
                + " revival_unused_updates is -7, expected at least 0;"
                + " revival_max_share is 0.0, expected above 0 and at most 1;"
                + " revival_noise is 2.0, expected 0 to 1");
  }

  @Test
  void learnedValuesHaveTheOthersRateUntilTheyHaveTheirOwn() {
    TrainConfig same = TrainConfig.builder().learningRate(1e-3).build();
    assertThat(same.memoryLearningRate()).isEqualTo(1e-3);
    assertThat(same.toBuilder().learningRate(1e-4).build().memoryLearningRate()).isEqualTo(1e-4);
    TrainConfig own = same.toBuilder().memoryLearningRate(1e-2).build();
    assertThat(own.toBuilder().learningRate(1e-4).build().memoryLearningRate()).isEqualTo(1e-2);
  }

  @Test
  void aTreeIsReadAsItWasWritten() throws IOException {
    RunConfig run =
        new RunConfig(
            ModelConfig.builder().dim(64).nHeads(4).nKvHeads(2).build(),
            TrainConfig.builder().warmupIters(7).memoryInit(MemoryInit.TEXT).build(),
            DataConfig.builder().packing(BatchConfig.Form.PACKED).build());
    Path file = folder.resolve("config.json");
    new JsonConfig().write(file, run);
    assertThat(RunConfig.read(file)).isEqualTo(run);
    assertThat(Files.readString(file))
        .contains("\"learning_rate\"", "\"accumulation_steps\"", "\"grad_clip\"")
        .contains("\"warmup_iters\" : 7", "\"memory_init\" : \"text\"")
        .contains("\"packing\" : \"packed\"", "\"min_lr_ratio\"", "\"validation_fraction\"");
  }

  @Test
  void partsThatAreLeftOutHaveTheirDefaults() throws IOException {
    RunConfig run = read("{\"train\": {\"max_steps\": 5}}");
    assertThat(run.model()).isEqualTo(ModelConfig.builder().build());
    assertThat(run.train()).isEqualTo(TrainConfig.builder().maxSteps(5).build());
    assertThat(run.data()).isEqualTo(DataConfig.builder().build());
  }

  @Test
  void anUnknownKeyIsRefusedWithTheNearestKnownOne() {
    assertThatThrownBy(() -> read("{\n\"train\": {\"learnin_rate\": 1}}"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("config.json:2")
        .hasMessageContaining("'learnin_rate'; did you mean 'learning_rate'?");
  }

  @Test
  void anIllTypedValueIsRefused() {
    assertThatThrownBy(() -> read("{\"train\": {\"batch_size\": \"many\"}}"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("'train.batch_size'");
    assertThatThrownBy(() -> read("{\"data\": {\"packing\": \"folded\"}}"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("'data.packing'");
  }

  @Test
  void aFaultOfAPartIsReported() {
    assertThatThrownBy(() -> read("{\"data\": {\"validation_fraction\": 1, \"text_field\": \"\"}}"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("text_field is , expected the name of a field")
        .hasMessageContaining("validation_fraction is 1.0, expected at least 0 and below 1");
  }

  @Test
  void guardsAreReadWrittenAndChecked() throws IOException {
    RunConfig run =
        read(
            "{\"train\": {\"spike_guard\": {\"action\": \"skip\", \"z_score\": 4},"
                + " \"alarms\": {\"usage_floor\": 0.2}}}");
    assertThat(run.train().spikeGuard())
        .isEqualTo(SpikeConfig.builder().action(SpikeAction.SKIP).zScore(4).build());
    assertThat(run.train().alarms()).isEqualTo(AlarmConfig.builder().usageFloor(0.2).build());
    Path file = folder.resolve("again.json");
    new JsonConfig().write(file, run);
    assertThat(RunConfig.read(file)).isEqualTo(run);

    assertThatThrownBy(
            () ->
                read(
                    "{\"train\": {\"spike_guard\": {\"window\": 1, \"patience\": 0, \"z_score\":"
                        + " 0}, \"alarms\": {\"gradient_interval\": -1, \"same_tokens\": 2}}}"))
        .hasMessageContaining("spike_guard.z_score is 0.0, expected a number above 0")
        .hasMessageContaining("spike_guard.window is 1, expected at least 2")
        .hasMessageContaining("spike_guard.patience is 0, expected at least 1")
        .hasMessageContaining("alarms.gradient_interval is -1, expected at least 0")
        .hasMessageContaining("alarms.same_tokens is 2.0, expected 0 to 1");
  }

  @Test
  void groupsAreReadWrittenAndChecked() throws IOException {
    RunConfig run =
        read(
            "{\"train\": {\"groups\": {\"memory_values\": {\"learning_rate\": 0.01, \"clip\": 0},"
                + " \"norms\": {\"weight_decay\": 0.5}}, \"embedding_epoch\": 2,"
                + " \"end_token_weight\": 4}}");
    GroupsConfig groups = run.train().groups();
    assertThat(groups.memoryValues()).isEqualTo(new GroupConfig(0.01, null, 0.0));
    assertThat(groups.norms()).isEqualTo(new GroupConfig(null, 0.5, null));
    assertThat(groups.embeddings()).isEqualTo(GroupConfig.SAME);
    assertThat(run.train().embeddingEpoch()).isEqualTo(2);
    assertThat(run.train().endTokenWeight()).isEqualTo(4);
    Path file = folder.resolve("again.json");
    new JsonConfig().write(file, run);
    assertThat(RunConfig.read(file)).isEqualTo(run);
    assertThat(run.train().toBuilder().build()).isEqualTo(run.train());

    assertThatThrownBy(() -> read("{\"train\": {\"groups\": {\"memory_value\": {}}}}"))
        .hasMessageContaining("'memory_value'; did you mean 'memory_values'?");
    assertThatThrownBy(
            () ->
                read(
                    "{\"train\": {\"groups\": {\"norms\": {\"clip\": -1}},"
                        + " \"end_token_weight\": -2}}"))
        .hasMessageContaining("groups.norms.clip is -1.0, expected a number of at least 0")
        .hasMessageContaining("end_token_weight is -2.0");
  }

  @Test
  void isWrittenAndReadTheSameUnderEveryLocale() {
    RunConfig run = new RunConfig(PublishedSystem.EMA_TOKEN.config().build(), null, null);
    String expected = new JsonConfig().write(run);
    Locale usual = Locale.getDefault();
    try {
      for (Locale locale : Locale.getAvailableLocales()) {
        Locale.setDefault(locale);
        assertThat(new JsonConfig().write(run)).as("%s", locale).isEqualTo(expected);
        assertThat(new JsonConfig().parse("config.json", expected, RunConfig.class)).isEqualTo(run);
      }
    } finally {
      Locale.setDefault(usual);
    }
  }

  private RunConfig read(String json) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, json);
    return RunConfig.read(file);
  }

  /** Each key that a part of the configuration has and another one is given. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train: {dim: 128} | unknown key 'dim'; did you mean 'model.dim'? 'dim' belongs to 'model'",
        "dim: 128 | unknown key 'dim'; did you mean 'model.dim'? 'dim' belongs to 'model'",
        "lr: 1e-3 | unknown key 'lr'; did you mean 'train.learning_rate'?",
        "train: {lr: 1e-3} | unknown key 'lr'; did you mean 'learning_rate'?",
        "train: {bs: 8} | unknown key 'bs'; did you mean 'batch_size'?",
        "model: {seed: 8} | unknown key 'seed'; did you mean 'train.seed'?",
        "data: {model: a} | did you mean 'model'? 'model' belongs to the top level",
        "train: {z_score: 3} | did you mean 'train.spike_guard.z_score'?",
        "train: {batchsize: 3} | unknown key 'batchsize'; did you mean 'batch_size'?",
        "train: {spike_guard: off} | found \"off\", expected keys and values, such as {action: off}",
        "train: {spike_guard: skip} | such as {action: skip}",
        "train: {alarms: off} | found \"off\", expected keys and values, such as {action: off}",
        "train: {alarms: no} | such as {action: off}",
        "train: {batch_size: '8'} | found \"8\", expected a whole number without quotes",
        "train: {learning_rate: '1e-3'} | found \"1e-3\", expected a number without quotes",
      })
  void saysWhatIsMeantByAKeyOrValue(String yaml, String message) {
    assertThatThrownBy(() -> new JsonConfig().parse("run.yaml", yaml, RunConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("run.yaml:1: ")
        .hasMessageContaining(message);
  }
}
