// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;

class SamplingConfigTest {
  @ParameterizedTest
  @CsvSource({
    "-0.1, 0, 1, 1, 1, 'temperature is -0.1, expected a number >= 0 (0 for the most likely token)'",
    "NaN, 0, 1, 1, 1, 'temperature is NaN, expected a number >= 0 (0 for the most likely token)'",
    "Infinity, 0, 1, 1, 1, 'temperature is Infinity, expected a number >= 0 "
        + "(0 for the most likely token)'",
    "1, -1, 1, 1, 1, 'top_k is -1, expected a whole number >= 0 (0 for no limit)'",
    "1, 0, 0, 1, 1, 'top_p is 0.0, expected a number over 0 and at most 1 (1 for no limit)'",
    "1, 0, 1.5, 1, 1, 'top_p is 1.5, expected a number over 0 and at most 1 (1 for no limit)'",
    "1, 0, NaN, 1, 1, 'top_p is NaN, expected a number over 0 and at most 1 (1 for no limit)'",
    "1, 0, 1, 0, 1, 'repetition_penalty is 0.0, expected a number > 0 (1 for none)'",
    "1, 0, 1, NaN, 1, 'repetition_penalty is NaN, expected a number > 0 (1 for none)'",
    "1, 0, 1, 1, 0, 'max_tokens is 0, expected at least 1'",
  })
  void refusesWhatIsOutOfRange(
      double temperature, int topK, double topP, double penalty, int maxTokens, String message) {
    assertThatThrownBy(
            () ->
                SamplingConfig.builder()
                    .temperature(temperature)
                    .topK(topK)
                    .topP(topP)
                    .repetitionPenalty(penalty)
                    .maxTokens(maxTokens)
                    .build())
        .isInstanceOf(UserException.class)
        .hasMessage(message);
  }

  @Test
  void buildersKeepEveryValue() {
    SamplingConfig config =
        SamplingConfig.builder()
            .temperature(0.7)
            .topK(5)
            .topP(0.9)
            .repetitionPenalty(1.2)
            .seed(42)
            .maxTokens(7)
            .stopAtEnd(false)
            .build();

    assertThat(config).isEqualTo(new SamplingConfig(0.7, 5, 0.9, 1.2, 42, 7, false));
    assertThat(config.toBuilder().build()).isEqualTo(config);
  }
}
