// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.config.ExperimentConfig.Decision;
import org.mneme.train.config.ExperimentConfig.Goal;

class ExperimentConfigTest {
  private static final String YAML =
      """
      experiment:
        version: 1.4.6
        question: Does token storage beat vectors?
        hypotheses: [It can be read., It is used.]
        decisions:
          - {subject: memory_store, options: [learned, ema_token], chosen: ema_token, reason: read it}
        goals:
          - {metric: validation.loss, at_most: 2.5}
          - {metric: memory.update_coverage, at_least: 0.3}
        next_steps: [Train the end token.]
      """;

  private static RunConfig parse(String source, String text) {
    return new JsonConfig().parse(source, text, RunConfig.class);
  }

  @Test
  void isReadFromYamlAndBackFromItsOwnJson() {
    RunConfig run = parse("run.yaml", YAML);
    ExperimentConfig experiment = run.experiment();
    assertThat(experiment.version()).isEqualTo("1.4.6");
    assertThat(experiment.hypotheses()).containsExactly("It can be read.", "It is used.");
    assertThat(experiment.decisions())
        .containsExactly(
            new Decision("memory_store", List.of("learned", "ema_token"), "ema_token", "read it"));
    assertThat(experiment.goals())
        .containsExactly(
            Goal.atMost("validation.loss", 2.5), Goal.atLeast("memory.update_coverage", 0.3));
    assertThat(experiment.baseline()).isEmpty();
    String json = new JsonConfig().write(run);
    assertThat(json).contains("\"next_steps\"", "\"at_most\" : 2.5").doesNotContain("null");
    assertThat(parse("config.json", json)).isEqualTo(run);
  }

  @Test
  void mayBeLeftOut() {
    assertThat(parse("run.yaml", "train: {max_steps: 5}").experiment())
        .isEqualTo(ExperimentConfig.NONE);
  }

  @Test
  void aGoalIsMetAtItsBound() {
    Goal loss = Goal.atMost("validation.loss", 2.5);
    assertThat(loss.isMetBy(2.5)).isTrue();
    assertThat(loss.isMetBy(2.51)).isFalse();
    assertThat(loss.isMetBy(Double.NaN)).isFalse();
    assertThat(loss.text()).isEqualTo("validation.loss ≤ 2.5");
    Goal coverage = Goal.atLeast("memory.update_coverage", 0.3);
    assertThat(coverage.isMetBy(0.3)).isTrue();
    assertThat(coverage.isMetBy(0.29)).isFalse();
    assertThat(coverage.isMetBy(Double.NaN)).isFalse();
    assertThat(coverage.text()).isEqualTo("memory.update_coverage ≥ 0.3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hypothesis: [a] | did you mean 'hypotheses'?",
        "goals: [{metric: validation.loss, atmost: 2}] | did you mean 'at_most'?",
        "goals: [{metric: validation.loss}] | at_most and at_least is null and null",
        "goals: [{metric: v.l, at_most: 2, at_least: 1}] | at_most and at_least is 2.0 and 1.0",
        "goals: [{metric: Loss, at_most: 2}] | metric is Loss, expected EVENT.KEY",
        "goals: [{metric: a.b, at_most: much}] | 'experiment.goals.[0].at_most'",
        "decisions: [{subject: x, options: [a, b], chosen: c, reason: r}] | chosen is c, expected",
        "decisions: [{subject: x, chosen: c}] | reason is null",
      })
  void refusesWhatCannotBe(String line, String found) {
    assertThatThrownBy(() -> parse("run.yaml", "experiment:\n  " + line + "\n"))
        .isInstanceOf(UserException.class)
        .hasMessageMatching("run.yaml:[23].*")
        .hasMessageContaining(found);
  }
}
