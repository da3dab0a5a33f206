// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.ExperimentConfig;
import org.mneme.train.config.ExperimentConfig.Goal;
import org.mneme.train.config.RunConfig;

/** Every file of {@code examples/configs}. */
class ConfigsTest {
  private static final Path CONFIGS = Path.of("configs");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(CONFIGS)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void thereIsAFullAndASmallOneOfEverySystem() throws IOException {
    List<Path> wanted =
        Arrays.stream(PublishedSystem.values())
            .map(system -> system.id() + ".yaml")
            .flatMap(name -> Stream.of(CONFIGS.resolve(name), CONFIGS.resolve("small/" + name)))
            .sorted()
            .toList();
    assertThat(files()).containsAll(wanted);
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachIsValidAndSaysWhyItIsRun(Path file) {
    ExperimentConfig experiment = RunConfig.read(file).experiment();
    assertThat(experiment.version()).isNotEmpty();
    assertThat(experiment.question()).endsWith("?");
    assertThat(experiment.prompts()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void fullOnesAreThePublishedSystems(PublishedSystem system) {
    RunConfig run = RunConfig.read(CONFIGS.resolve(system.id() + ".yaml"));
    assertThat(run.model()).isEqualTo(published(system, system.config()));
    assertThat(run).isEqualTo(PublishedRuns.of(system));
    assertThat(run.experiment().version()).isEqualTo(system.id());
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void smallOnesAreThePublishedSystemsButForTheirSize(PublishedSystem system) {
    ModelConfig small = RunConfig.read(CONFIGS.resolve("small/" + system.id() + ".yaml")).model();
    ModelConfigBuilder same =
        system
            .config()
            .vocabSize(small.vocabSize())
            .dim(small.dim())
            .nLayers(small.nLayers())
            .nHeads(small.nHeads())
            .nKvHeads(small.nKvHeads())
            .maxSeqLen(small.maxSeqLen())
            .memoryLayers(small.memoryLayers());
    if (small.hasMemory()) {
      same.knowledgeNum(small.knowledgeNum()).knowledgeDim(small.knowledgeDim());
    }
    assertThat(small).isEqualTo(same.build());
    assertThat(small.dim()).isLessThan(512);
  }

  @Test
  void theGoalsOf146AreThoseOfItsRecord() {
    assertThat(PublishedRuns.of(PublishedSystem.EMA_TOKEN).experiment().goals())
        .containsExactly(
            Goal.atMost("validation.loss", 2.5),
            Goal.atMost("validation.perplexity", 12),
            Goal.atLeast("memory.update_coverage", 0.3));
  }

  /** A memory beside feed-forward layers is in two of them at full size; as a preset in all. */
  private static ModelConfig published(PublishedSystem system, ModelConfigBuilder config) {
    ModelConfig preset = config.build();
    return preset.memoryFusion() == MemoryFusion.BESIDE
        ? config.memoryLayers(List.of(2, 5)).build()
        : preset;
  }
}
