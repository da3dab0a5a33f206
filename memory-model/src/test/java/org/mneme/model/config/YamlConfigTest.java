// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        "dim: '512' | dim | found \"512\", expected a whole number without quotes",
        "read_norm: 'true' | read_norm | found \"true\", expected true or false without quotes",
        "hidden_size: 512 | unknown key 'hidden_size' | did you mean 'dim'?",
        "layers: 4 | unknown key 'layers' | did you mean 'n_layers'?",
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "model.yaml | dim: [1 | expected ',' or ']', but got the end of the file",
        "model.yaml | dim: 1\\n...\\ndim: 1 | expected '---', but found keys and values",
        "model.yaml | a:\\n  - 1\\n  b: 2 | expected the end of the indented lines",
        "model.json | /* a */ {} | ('/'): maybe a (non-standard) comment?",
        "model.json | [12 13] | Unexpected character ('1')",
      })
  void saysInWordsWhereTextIsNotWellFormed(String source, String text, String found) {
    assertThatThrownBy(() -> parse(source, text.replace("\\n", "\n")))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(source + ":")
        .hasMessageContaining("not well formed: ")
        .hasMessageContaining(found)
        .hasMessageNotContaining("<")
        .hasMessageNotContaining("code ")
        .hasMessageNotContaining("ALLOW_");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.yaml", "model.YML", "model.YAML"})
  void resolvesAliasesAndMergeKeys(String source) {
    String yaml =
        """
        dim: &width 64
        hidden_dim: *width
        n_heads: 4
        <<: [{n_heads: 8, n_kv_heads: 2}, {n_kv_heads: 4}]
        """;
    assertThat(parse(source, yaml))
        .isEqualTo(
            parse(
                "m.json", "{\"dim\": 64, \"hidden_dim\": 64, \"n_heads\": 4, \"n_kv_heads\": 2}"));
  }

  @Test
  void understandsTheBooleansOfYaml() {
    for (String word : List.of("true", "True", "yes", "ON")) {
      assertThat(parse("m.yaml", "read_norm: " + word).readNorm()).isTrue();
    }
    assertThat(parse("m.yaml", "read_norm: off").readNorm()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memory_store: | memory_store is empty: expected one of none, learned, ema_vector",
        "memory_store: ~ | memory_store is empty: expected one of none",
        "dim: null | dim is empty: expected a whole number",
        "memory_layers: | memory_layers is empty: expected a list",
        "memory_layers: [1, ~] | memory_layers.[1] is empty: expected a whole number",
        "dim: 010 | found \"010\", expected a whole number",
        "dim: 1:30 | found \"1:30\", expected a whole number",
        "dim: 1_0__0 | found \"1_0__0\", expected a whole number",
        "norm_eps: .nan | found \".nan\", expected a number",
        "norm_eps: 1e-400 | found 1e-400, expected a number",
        "rope_theta: 1e999 | found 1e999, expected a number",
        "dim: 3000000000 | found 3000000000, expected a whole number",
        "dim: *other | alias *other has no anchor before it",
        "dim: !!int 64 | tag !!int is not supported",
        "dim: !!java.net.URL [x] | is not supported",
        "? [a] : b | found a key that is not a word",
        "--- {dim: 64} | holds several documents, expected one",
      })
  void refusesWhatHasNoOneMeaning(String line, String found) {
    assertThatThrownBy(() -> parse("model.yaml", "n_layers: 2\n" + line + "\n"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("model.yaml:2: ")
        .hasMessageContaining(found);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "~", "null", "\uFEFF", "\uFEFF# x\n"})
  void refusesWhatHasNoKeys(String text) {
    for (String source : List.of("m.yaml", "m.json")) {
      if (source.equals("m.yaml") || text.isBlank() || text.equals("null")) {
        assertThatThrownBy(() -> parse(source, text))
            .isInstanceOf(UserException.class)
            .hasMessage(source + ":1: is empty, expected keys and values");
      }
    }
  }

  @Test
  void skipsAByteOrderMark() {
    assertThat(parse("m.yaml", "\uFEFFdim: 64").dim()).isEqualTo(64);
    assertThat(parse("m.json", "\uFEFF{\"dim\": 64}").dim()).isEqualTo(64);
  }

  @ParameterizedTest
  @ValueSource(strings = {"m.yaml", "m.json"})
  void boundsDepthSizeAndAliases(String source) {
    String deep = "{\"dim\": " + "[".repeat(200_000) + "]".repeat(200_000) + "}";
    assertThatThrownBy(() -> parse(source, deep))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("nested deeper than 64 levels");
    String wide = "{\"dim\": [" + "1,".repeat(200_000) + "1]}";
    assertThatThrownBy(() -> parse(source, wide))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("more than 100000 values");
  }

  @Test
  void boundsAliasesOfAliases() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String alias = "*a" + (i - 1);
      bomb.append("a" + i + ": &a" + i + " [" + (alias + ", ").repeat(9) + alias + "]\n");
    }
    assertThatThrownBy(() -> parse("m.yaml", bomb.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("more than 100000 values, aliases resolved");
    assertThatThrownBy(() -> parse("m.yaml", "dim: &a [*a]"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("alias *a has no anchor before it");
  }

  @Test
  void refusesAFileThatIsTooLargeOrNotUtf8(@TempDir Path folder) throws IOException {
    Path large = Files.writeString(folder.resolve("l.yaml"), "dim: " + "1".repeat(5 << 20));
    assertThatThrownBy(() -> new JsonConfig().read(large, ModelConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("too large: expected at most 4,194,304 bytes");
    Path utf16 = Files.writeString(folder.resolve("u.json"), "\uFEFF{}", StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> new JsonConfig().read(utf16, ModelConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is UTF-16 or UTF-32: expected UTF-8");
    Path latin = Files.write(folder.resolve("n.yaml"), new byte[] {'a', '\n', (byte) 0xE9, '\n'});
    assertThatThrownBy(() -> new JsonConfig().read(latin, ModelConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("n.yaml:2: not UTF-8: byte 0xe9 at offset 2");
    assertThatThrownBy(() -> new JsonConfig().read(folder, ModelConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is a folder, expected a text file");
  }

  @Test
  void takesAFileByItsNameOnly() {
    assertThatThrownBy(() -> parse("model.json", "dim: 512"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("model.json:1: not well formed");
  }
}
