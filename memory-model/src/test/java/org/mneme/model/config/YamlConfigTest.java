// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;

class YamlConfigTest {
  private static ModelConfig parse(String source, String text) {
    return new JsonConfig().parse(source, text, ModelConfig.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.yaml", "model.yml"})
  void holdsTheValuesThatJsonHolds(String source) {
    String yaml =
        """
        # Why: a comment is what JSON lacks.
        memory_store: ema_token
        memory_layers: [2, 5]
        knowledge_num: 1_048_576
        norm_eps: 1e-5
        rope_theta: 1.0e6
        read_norm: true
        """;
    String json =
        """
        {"memory_store": "ema_token", "memory_layers": [2, 5], "knowledge_num": 1048576,
         "norm_eps": 1e-5, "rope_theta": 1e6, "read_norm": true}
        """;
    assertThat(parse(source, yaml)).isEqualTo(parse("model.json", json));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dimm: 512 | unknown key 'dimm' | did you mean 'dim'?",
        "dim: wide | 'dim' | found \"wide\", expected a whole number",
        "dim: [1, 2] | 'dim' | found a list, expected a whole number",
        "dim: 51.5 | dim | 51.5",
        "dim: '512' | dim | 512",
        "norm_eps: small | norm_eps | found \"small\", expected a number",
        "read_norm: maybe | read_norm | found \"maybe\", expected true or false",
        "memory_layers: 3 | memory_layers | expected a list",
        "memory_fusion: besides | found \"besides\", expected one of | gated_mlp, cross_attention, beside",
        "n_layers: 4 | n_layers | Duplicate",
        "@dim: 4 | not well formed | cannot start any token",
      })
  void refusesWhatCannotBeWithItsLine(String line, String where, String found) {
    assertThatThrownBy(() -> parse("model.yaml", "n_layers: 2\n" + line + "\n"))
        .isInstanceOf(UserException.class)
        .hasMessageMatching("(?s)model.yaml:[23].*")
        .hasMessageContaining(where)
        .hasMessageContaining(found)
        .hasMessageNotContaining("\n")
        .hasMessageNotContaining("Coercion");
  }

  @Test
  void refusesWhatIsEmptyOrCutOff() {
    assertThatThrownBy(() -> parse("model.yaml", ""))
        .isInstanceOf(UserException.class)
        .hasMessage("model.yaml:1: is empty, expected keys and values");
    assertThatThrownBy(() -> parse("model.json", "{\"dim\": 12"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("model.json:1: not well formed")
        .hasMessageEndingWith("expected close marker for Object");
  }

  @Test
  void takesAFileByItsNameOnly() {
    assertThatThrownBy(() -> parse("model.json", "dim: 512"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("model.json:1: not well formed");
  }
}
