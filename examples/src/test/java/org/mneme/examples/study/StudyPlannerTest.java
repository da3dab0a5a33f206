// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.DType;
import org.mneme.compute.UserException;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.MemoryStore;
import org.mneme.train.config.RunConfig;

/** Files of studies become complete configurations of runs, or errors that tell what is wrong. */
class StudyPlannerTest {
  private static final String HEAD =
      """
      name: tiny
      question: Which?
      base:
        model: {vocab_size: 512, dim: 64, n_layers: 2, n_heads: 2, n_kv_heads: 1, max_seq_len: 32}
        model.knowledge_num: 256
        train: {batch_size: 4, accumulation_steps: 1, epochs: 0, max_steps: 100}
      data: {corpus: wordnet}
      systems:
        - {name: dense, system: 1.4.0}
      """;

  private static List<PlannedSystem> plan(String yaml) {
    return StudyPlanner.plan(
        new JsonConfig().parse("tiny.yaml", yaml, StudyConfig.class), "tiny.yaml");
  }

  @Test
  void aSystemIsThePresetBelowTheBaseBelowItsOwnKeys() {
    RunConfig run =
        plan(HEAD + "  - {name: t, system: 1.4.6, set: {model.ema_rule: shadow, train.beta2: 0.9}}")
            .get(1)
            .run();
    assertThat(run.model().memoryStore()).isEqualTo(MemoryStore.EMA_TOKEN);
    assertThat(run.model().knowledgeNum()).isEqualTo(256);
    assertThat(run.model().emaRule()).isEqualTo(EmaRule.SHADOW);
    assertThat(run.train().beta2()).isEqualTo(0.9);
    assertThat(run.train().maxSteps()).isEqualTo(100);
    assertThat(run.experiment().question()).isEqualTo("Which?");
  }

  @Test
  void widthsAndStepsGiveEqualOperations() {
    List<PlannedSystem> systems =
        plan(
            HEAD
                + """
                  - {name: wide, system: 1.4.0, flops_like: beside, flops_by: hidden_dim}
                  - {name: long, system: 1.4.0, flops_like: beside}
                  - {name: beside, system: beside}
                """);
    PlannedSystem beside = systems.get(3);
    assertThat(beside.flops()).isGreaterThan(1.1 * systems.get(0).flops());
    // One grain of 8 columns is 2.4 % of this small a model.
    assertThat(systems.get(1).flops()).isCloseTo(beside.flops(), within(0.013 * beside.flops()));
    assertThat(systems.get(1).tokens()).isEqualTo(beside.tokens());
    assertThat(systems.get(2).flops()).isCloseTo(beside.flops(), within(0.005 * beside.flops()));
    assertThat(systems.get(2).run().model()).isEqualTo(systems.get(0).run().model());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- {name: b, system: 1.4.2, sett: {}} | did you mean 'set'?",
        "- {name: b, system: 1.4.2, set: {model.dimm: 3}} | did you mean 'dim'?",
        "- {name: dense, system: 1.4.2} | two systems have the name 'dense'",
        "- {name: b} | expected either system or config",
        "- {name: b, system: 1.4.9} | '1.4.9' is not known",
        "- {name: ../b, system: 1.4.2} | systems.name is '../b'",
        "- {name: b, system: 1.4.0, flops_like: c} | flops_like is 'c', expected one of [dense, b]",
        "- {name: b, system: 1.4.1, flops_like: dense, flops_by: hidden_dim} | flops_by: steps",
        "- {name: b, system: 1.4.2, set: {train.max_steps: 50}} | train.max_steps is 50",
        "- {name: b, system: 1.4.2, set: {data.packing: packed}} | data is",
        "- {name: b, system: 1.4.2, set: {model.vocab_size: 600}} | model.vocab_size is 600",
        "- {name: b, config: nofile.yaml} | nofile.yaml",
        "- {name: b, system: 1.4.2, set: {train.memory_init: text}} | system b: training"
            + " configuration: memory_init is text, expected random",
      })
  void whatIsWrongIsNamed(String system, String message) {
    assertThatThrownBy(() -> plan(HEAD + "  " + system))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny",
        "published-small",
        "ema-rules-small",
        "questions-small",
        "published-large"
      })
  void theStudiesOfTheExamplesCanBePlanned(String name) {
    Path file = Path.of("studies", name + ".yaml");
    StudyConfig study = StudyConfig.read(file);
    assertThat(study.name()).isEqualTo(name);
    assertThat(StudyPlanner.plan(study, file.toString())).hasSameSizeAs(study.systems());
    assertThat(StudyPlanner.plan(study.withDtype(DType.BF16), file.toString()))
        .allMatch(system -> system.run().train().dtype() == DType.BF16);
  }

  @Test
  void aStudyThatIsWrongInManyWaysSaysSoAtOnce() {
    assertThatThrownBy(
            () ->
                plan(
                    HEAD.replace("name: tiny", "name: a/b").replace("wordnet", "wordnets")
                        + "seeds: [1, 1]\nevaluation: {candidates: 1}"))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(
            "name is 'a/b'", "data.corpus is 'wordnets'", "seeds is [1, 1]", "candidates is 1");
  }
}
