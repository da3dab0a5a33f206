// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.ModelOptions;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.Fusion;
import org.mneme.model.layers.FusionFactory;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.preflight.RunInfo;

/** What every run records of its data and code, whoever starts it. */
class RunIdentityTest extends TinyTest {

  /** The same as a configured fusion, but code of a program. */
  private static final class Own implements FusionFactory {
    private final FusionFactory known = FusionFactory.of(MemoryFusion.GATED_MLP);

    @Override
    public List<ParameterSpec> parameters(int layer, ModelConfig config) {
      return known.parameters(layer, config);
    }

    @Override
    public Fusion create(int layer, ModelConfig config, ParameterArena arena) {
      return known.create(layer, config, arena);
    }
  }

  private static RunConfig run(long steps) {
    return tiny.run(
        tiny.model(PublishedSystem.GATED_MLP).build(),
        Tiny.train().maxSteps(steps).saveInterval(1).build());
  }

  private static LanguageModel own(RunConfig run) {
    return LanguageModel.create(
        tiny.device, run.model(), ModelOptions.training().withFusion(new Own()), 1);
  }

  private RunIdentity identity() {
    return RunInfo.read(new RunFolder(folder)).identity();
  }

  @Test
  void aTrainingOfAProgramRecordsDataAndCode() {
    RunConfig run = run(2);
    TrainingData data = tiny.data(run);
    try (LanguageModel model = own(run)) {
      new Trainer(model, run, data, new RunFolder(folder)).train();
    }
    RunIdentity identity = identity();
    assertThat(identity.data()).isEqualTo(RunIdentity.Data.of(data));
    assertThat(identity.data().source()).isEqualTo(data.summaries().get(0).sourceSha256());
    assertThat(identity.data().heldOut()).isNotEqualTo(identity.data().training());
    assertThat(identity.fusion()).startsWith(Own.class.getName() + "@");
    assertThat(identity.provider()).isEqualTo(tiny.device.info().provider());
    assertThat(RunInfo.read(new RunFolder(folder)).data()).isEqualTo(data.summaries());
  }

  @Test
  void aConfiguredFusionHasNoClass() {
    tiny.train(run(1), folder);
    assertThat(identity().fusion()).isNull();
  }

  @Test
  void aRunIsNotContinuedWithAnotherFusion() throws IOException {
    try (LanguageModel model = own(run(1))) {
      tiny.trainer(model, run(1), folder).train();
    }
    String before = Files.readString(folder.resolve("info.json"));
    try (LanguageModel model = tiny.create(run(1))) {
      assertThatThrownBy(() -> tiny.trainer(model, run(1), folder).resume().train())
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("the fusion is another one", Own.class.getName(), "got that of");
    }
    assertThat(folder.resolve("info.json")).hasContent(before.strip());
  }

  /** A run of before, and one whose file was damaged, can be continued. */
  @Test
  void anIdentityThatCannotBeReadStopsNothing() throws IOException {
    Path info = folder.resolve("info.json");
    tiny.train(run(1), folder);
    for (String damaged : List.of("", "null", "[]", "{")) {
      Files.writeString(info, damaged);
      try (LanguageModel model = tiny.create(run(1))) {
        tiny.trainer(model, run(1), folder).resume().train();
      }
      assertThat(info).as("left for a look at it").hasContent(damaged);
    }
    Files.delete(info);
    try (LanguageModel model = tiny.create(run(1))) {
      tiny.trainer(model, run(1), folder).resume().train();
    }
    assertThat(identity().data()).isNotNull();
  }

  /** The memory is what such a model was loaded for. */
  @Test
  void loadedEntriesAreNotReplacedByFirstContents() {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.EMA_TOKEN).emaUpdateFreq(100).build(),
            Tiny.train().maxSteps(1).memoryInit(MemoryInit.TEXT).build());
    Path saved = tiny.train(run, folder.resolve("first")).checkpoint();
    try (LanguageModel model = LanguageModel.load(tiny.device, saved, ModelOptions.training())) {
      int[] entry = ((TokenCodebook) model.memory().orElseThrow()).read(0);
      assertThatThrownBy(() -> tiny.trainer(model, run, folder.resolve("second")).train())
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("memory_init is text, expected random", "overwriteEntries");
      assertThat(((TokenCodebook) model.memory().orElseThrow()).read(0)).isEqualTo(entry);
      tiny.trainer(model, run, folder.resolve("third")).overwriteEntries().train();
    }
  }
}
