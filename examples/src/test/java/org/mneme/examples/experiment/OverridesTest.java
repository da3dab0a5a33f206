// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.ExperimentConfig.Goal;
import org.mneme.train.config.RunConfig;

class OverridesTest {
  private static RunConfig with(String... values) {
    PublishedSystem system = PublishedSystem.EMA_TOKEN;
    return new Overrides(List.of(values))
        .applyTo(PublishedRuns.name(system), PublishedRuns.text(system));
  }

  @Test
  void replacesSingleValuesAndLeavesTheOthers() {
    RunConfig run = with("model.knowledge_num=65536", "data.text_field=body");
    RunConfig before = PublishedRuns.of(PublishedSystem.EMA_TOKEN);
    assertThat(run.model().knowledgeNum()).isEqualTo(65_536);
    assertThat(run.data().textField()).isEqualTo("body");
    assertThat(run.train()).isEqualTo(before.train());
    assertThat(run.experiment()).isEqualTo(before.experiment());
  }

  @Test
  void defaultsFollowTheValuesThatTheyAreMadeOf() {
    RunConfig run = with("model.dim=64", "train.learning_rate=0.01");
    assertThat(run.model().hiddenDim())
        .isEqualTo(ModelConfig.builder().dim(64).build().hiddenDim());
    assertThat(run.train().memoryLearningRate()).isEqualTo(0.01);
  }

  @Test
  void filesGoBeforeThem() {
    Overrides overrides = new Overrides(List.of("train.max_steps=5"));
    RunConfig run = overrides.behindFiles(List.of(Path.of("a.jsonl"))).applyTo("c.json", "{}");
    assertThat(run.data().files()).containsExactly("a.jsonl");
    assertThat(run.train().maxSteps()).isEqualTo(5);
    assertThat(overrides.behindFiles(List.of()).applyTo("c.json", "{}").data().files()).isEmpty();
  }

  @Test
  void fillsInPartsThatAreLeftOut() {
    RunConfig run =
        new Overrides(
                List.of(
                    "experiment.goals.0.metric=\"train.loss\"", "experiment.goals.0.at_most=1.5"))
            .applyTo("c.json", "{}");
    assertThat(run.experiment().goals()).containsExactly(Goal.atMost("train.loss", 1.5));
  }

  @Test
  void replacesWholeLists() {
    RunConfig run = with("model.memory_layers=[2, 5]", "data.files=[\"a.jsonl\", \"b=c.jsonl\"]");
    assertThat(run.model().memoryLayers()).containsExactly(2, 5);
    assertThat(run.data().files()).containsExactly("a.jsonl", "b=c.jsonl");
  }

  @Test
  void replacesAndAppendsInLists() {
    RunConfig run =
        with(
            "experiment.goals.0.at_most=2.4",
            "experiment.goals.3={\"metric\": \"train.loss\", \"at_most\": 2}",
            "experiment.hypotheses.0=It works.");
    assertThat(run.experiment().goals())
        .startsWith(Goal.atMost("validation.loss", 2.4))
        .endsWith(Goal.atMost("train.loss", 2))
        .hasSize(4);
    assertThat(run.experiment().hypotheses()).startsWith("It works.").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.dimm=512 | did you mean 'dim'?",
        "experiment.goals.0.atmost=2 | did you mean 'at_most'?",
        "modell.dim=512 | unknown key 'modell'; did you mean 'model'?",
        "experiment.goals.4.at_most=2 | '4' is no place in a list, expected 0 to 3",
        "experiment.goals.3.at_most=2 | metric is null",
        "experiment.goals.first=2 | 'first' is no place in a list",
        "model.dim.width=2 | 'dim' is 512, which holds no keys",
        "model=2 | expected part.key=value",
        "model.dim | expected part.key=value",
        "model.memory_layers=[2 | memory_layers",
      })
  void refusesWhatCannotBe(String value, String message) {
    assertThatThrownBy(() -> with(value))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("--set " + value)
        .hasMessageContaining(message);
  }
}
