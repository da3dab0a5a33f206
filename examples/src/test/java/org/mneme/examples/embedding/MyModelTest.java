// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.embedding;

import static org.mneme.train.testing.MnemeAssertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mneme.compute.Device;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.testing.MnemeExtension;
import org.mneme.train.testing.TinyCorpus;
import org.mneme.train.testing.TrainingRecipe;

/** How a program of one's own pins the behaviour of its model; the page on testing shows it. */
@ExtendWith(MnemeExtension.class)
class MyModelTest {
  private static final Path GOLDEN = Path.of("src/test/resources/my-model.safetensors");

  @Test
  void itLearnsAsBefore(Device device, TinyCorpus corpus, RunFolder folder) {
    RunConfig run =
        corpus.run(
            corpus.model(PublishedSystem.EMA_TOKEN).build(),
            TinyCorpus.train().maxSteps(40).build());
    TrainingRecipe recipe = TrainingRecipe.of(device, run, corpus);
    assertThat(recipe).givesGradients().givesTheSameBitsAgain().resumesToTheSameBits(25);

    TrainingResult result = recipe.train(folder);
    assertThat(result).hasValidationLossBetween(2.0, 3.0).usesAtLeast(0.5);
    try (LanguageModel model = LanguageModel.load(device, result.checkpoint())) {
      assertThat(model).hasLogits(GOLDEN, corpus.tokenizer().encode("The cat sees the"));
    }
  }
}
