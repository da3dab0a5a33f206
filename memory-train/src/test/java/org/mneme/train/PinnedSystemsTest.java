// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.mneme.train.testing.MnemeAssertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.Device;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.testing.MnemeExtension;
import org.mneme.train.testing.TinyCorpus;
import org.mneme.train.testing.TrainingRecipe;

/**
 * What each system has learned after some steps stays what it was, first values, data order,
 * optimiser and memory updates included. A change that is meant is recorded with {@code
 * -Dmneme.golden.update=true}.
 */
@ExtendWith(MnemeExtension.class)
class PinnedSystemsTest {
  private final Device device;
  private final TinyCorpus corpus;

  PinnedSystemsTest(Device device, TinyCorpus corpus) {
    this.device = device;
    this.corpus = corpus;
  }

  private TrainingRecipe recipe(PublishedSystem system, int steps) {
    TrainConfig train = TinyCorpus.train().maxSteps(steps).build();
    return TrainingRecipe.of(device, corpus.run(corpus.model(system).build(), train), corpus);
  }

  @ParameterizedTest
  @EnumSource
  void learnsWhatItLearned(PublishedSystem system, RunFolder folder) {
    TrainingResult result = recipe(system, 12).train(folder);
    String name = system.name().toLowerCase(Locale.ROOT) + ".safetensors";
    Path golden = Path.of("src/test/resources/pinned").resolve(name);
    try (LanguageModel model = LanguageModel.load(device, result.checkpoint())) {
      assertThat(model)
          .hasLogits(golden, corpus.tokenizer().encode("The owl hears"), new int[] {1});
    }
  }

  /** But where memory is addressed by text, which finds no entry in an untrained model. */
  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"CONTEXT"})
  void everyTensorGetsAGradient(PublishedSystem system) {
    assertThat(recipe(system, 1)).givesGradients();
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"EMA_TOKEN", "EMA_VECTOR", "BESIDE"})
  void equalSeedsGiveEqualBits(PublishedSystem system) {
    assertThat(recipe(system, 12)).givesTheSameBitsAgain();
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"EMA_TOKEN", "CONTEXT"})
  void anInterruptionChangesNoBit(PublishedSystem system) {
    assertThat(recipe(system, 12)).resumesToTheSameBits(7);
  }
}
