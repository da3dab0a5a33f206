// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mneme.train.testing.MnemeAssertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;

/** Every assertion of the kit holds where it should and fails, with a good message, where not. */
@ExtendWith(MnemeExtension.class)
class RegressionKitTest {
  private static final int[] IDS = {1, 20, 30, 40};

  private final String update = System.getProperty(GoldenLogits.UPDATE);
  private final Device device;
  private final TinyCorpus corpus;

  @TempDir Path directory;

  RegressionKitTest(Device device, TinyCorpus corpus) {
    this.device = device;
    this.corpus = corpus;
  }

  private TrainingRecipe recipe(PublishedSystem system) {
    RunConfig run = corpus.run(corpus.model(system).build(), TinyCorpus.train().build());
    return TrainingRecipe.of(device, run, corpus);
  }

  @BeforeEach
  void updateNothing() {
    System.clearProperty(GoldenLogits.UPDATE);
  }

  @AfterEach
  void restoreTheChoice() {
    if (update == null) {
      System.clearProperty(GoldenLogits.UPDATE);
    } else {
      System.setProperty(GoldenLogits.UPDATE, update);
    }
  }

  @Test
  void goldenLogitsAreRecordedOnRequestOnly() {
    Path golden = directory.resolve("deeper/golden.safetensors");
    try (LanguageModel model = recipe(PublishedSystem.EMA_TOKEN).createModel()) {
      assertThatThrownBy(() -> assertThat(model).hasLogits(golden, IDS))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("there is no golden file " + golden.toAbsolutePath())
          .hasMessageContaining("-Dmneme.golden.update=true");
      assertThat(golden).doesNotExist();
      System.setProperty(GoldenLogits.UPDATE, "true");
      assertThat(model).hasLogits(golden, IDS, new int[] {7});
      System.clearProperty(GoldenLogits.UPDATE);
      assertThat(model).hasLogits(golden, IDS, new int[] {7});
    }
  }

  @Test
  void theWorstLogitIsNamed() throws IOException {
    Path golden = directory.resolve("golden.safetensors");
    System.setProperty(GoldenLogits.UPDATE, "true");
    try (LanguageModel model = recipe(PublishedSystem.ORIGINAL).createModel()) {
      assertThat(model).hasLogits(golden, IDS);
      System.clearProperty(GoldenLogits.UPDATE);
      byte[] recorded = Files.readAllBytes(golden);
      // Moves the logits of one token alone, since nothing reads its embedding.
      int token = 50;
      Tensor row = model.embeddings().master().rows(token, token + 1);
      device.transfer().fill(row, 0.5);
      model.parameters().refreshCopy();
      assertThatThrownBy(() -> assertThat(model).hasLogits(golden, IDS))
          .hasMessageContaining("4 of " + 4 * model.config().vocabSize() + " are off")
          .hasMessageContaining("is that of token 50 at position ")
          .hasMessageContaining("times what is allowed");
      assertThat(Files.readAllBytes(golden)).isEqualTo(recorded);
      assertThat(model).within(new Tolerance(100, 0)).hasLogits(golden, IDS);
      System.setProperty(GoldenLogits.UPDATE, "true");
      assertThat(model).hasLogits(golden, IDS);
      assertThat(Files.readAllBytes(golden)).isNotEqualTo(recorded);
    }
  }

  @Test
  void otherTokensAndOtherModelsAreNotCompared() {
    Path golden = directory.resolve("golden.safetensors");
    TrainingRecipe recipe = recipe(PublishedSystem.ORIGINAL);
    System.setProperty(GoldenLogits.UPDATE, "true");
    try (LanguageModel model = recipe.createModel()) {
      assertThat(model).hasLogits(golden, IDS);
      System.clearProperty(GoldenLogits.UPDATE);
      assertThatThrownBy(() -> assertThat(model).hasLogits(golden, new int[] {1, 20, 30, 41}))
          .hasMessageContaining("recorded for the tokens [1, 20, 30, 40], found [1, 20, 30, 41]");
      assertThatThrownBy(() -> assertThat(model).hasLogits(golden, IDS, IDS))
          .hasMessageContaining("has no sequence 1");
    }
    RunConfig wider =
        corpus.run(
            corpus.model(PublishedSystem.ORIGINAL).hiddenDim(64).build(), recipe.run().train());
    try (LanguageModel model = recipe.with(wider).createModel()) {
      assertThatThrownBy(() -> assertThat(model).hasLogits(golden, IDS))
          .hasMessageContaining("recorded with model {")
          .hasMessageContaining("\"hidden_dim\":64");
    }
  }

  @Test
  void tensorsWithoutAGradientAreNamed() {
    TrainingRecipe recipe = recipe(PublishedSystem.BESIDE);
    try (LanguageModel model = recipe.createModel()) {
      String buffer = model.buffers().tensors().keySet().iterator().next();
      Tensor statistics = model.buffers().tensors().get(buffer);
      float[] before = device.transfer().readFloats(statistics);
      assertThat(model).givesGradientsOf(recipe.firstBatch());
      assertThat(device.transfer().readFloats(statistics)).isEqualTo(before);
      assertThatThrownBy(() -> assertThat(model).hasGradients())
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("without one: [")
          .hasMessageContaining("layers.0.attention.wq.weight")
          .hasMessageContaining("norm.weight");
    }
  }

  @Test
  void aTrainingIsHeldToItsBands(RunFolder folder) {
    TrainingRecipe base = recipe(PublishedSystem.EMA_TOKEN);
    TrainingResult result = base.train(folder);
    double loss = result.trainLoss();
    assertThat(result)
        .hasTrainLossBetween(loss - 0.1, loss + 0.1)
        .hasValidationLossBetween(1, 6)
        .usesAtLeast(0.1)
        .usesFirstAtLeast(0.02)
        .updatesAtLeast(0.1);
    assertThatThrownBy(() -> assertThat(result).hasTrainLossBetween(0, loss - 0.1))
        .hasMessageContaining("expected a training loss between 0.0 and ")
        .hasMessageContaining("after 20 steps, found ");
    assertThatThrownBy(() -> assertThat(result).hasValidationLossBetween(0, 0.1))
        .hasMessageContaining("validation loss between 0.0 and 0.1");
    assertThatThrownBy(() -> assertThat(result).usesAtLeast(1.01))
        .hasMessageContaining("expected at least 1.0100 of the entries selected");
    assertThatThrownBy(() -> assertThat(result).updatesAtLeast(1.01))
        .hasMessageContaining("of the unfrozen entries updated");
  }

  @Test
  void whatAModelDoesNotHaveIsNoZero(RunFolder folder) {
    TrainingResult result = recipe(PublishedSystem.ORIGINAL).train(folder);
    assertThatThrownBy(() -> assertThat(result).usesAtLeast(0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("expected a memory that was used");
    assertThatThrownBy(() -> assertThat(result).updatesAtLeast(0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("expected a memory that is moved by EMA");
  }

  @Test
  void aTrainingThatCannotBeStoppedIsNoResume() {
    assertThatThrownBy(() -> assertThat(recipe(PublishedSystem.ORIGINAL)).resumesToTheSameBits(20))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("expected more than 20 steps");
  }

  @Test
  void everyTestHasAFolderOfItsOwn(RunFolder one, RunFolder two) {
    assertThat(one).isNotEqualTo(two);
    assertThat(one.root()).doesNotExist();
    assertThat(one.root().getParent()).isEmptyDirectory();
  }

  @Test
  void aLeakIsTold() {
    OpenMemory open = new OpenMemory(device);
    open.requireUnchanged("nothing");
    try (Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 5)) {
      assertThat(tensor.isClosed()).isFalse();
      assertThatThrownBy(() -> open.requireUnchanged("a test"))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("ACTIVATIONS");
    }
    open.requireUnchanged("a test");
  }
}
