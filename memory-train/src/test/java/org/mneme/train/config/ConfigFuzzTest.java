// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.testing.ConfigKeys;

/** Damaged and odd configurations: a {@link UserException} with file and line, or a value. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfigFuzzTest {
  private static final JsonConfig CONFIGS = new JsonConfig();
  private static final int INPUTS = 20_000;
  private static final String INTERNALS =
      "(?s).*(jackson|snakeyaml|StreamRead|JsonRead|Exception|java\\.|\\(token |\\n).*";

  private static final String JSON =
      """
      {"model": {"memory_store": "ema_token", "dim": 64, "n_heads": 4, "n_kv_heads": 2,
        "memory_layers": [0, 1], "norm_eps": 1e-5, "read_norm": true},
       "train": {"max_steps": 5, "learning_rate": 3e-4, "spike_guard": {"action": "off"},
        "groups": {"norms": {"clip": 0.5}}},
       "data": {"files": ["a.jsonl", "b\\u00e9.jsonl"], "packing": "packed"},
       "experiment": {"version": "1.10", "goals": [{"metric": "a.b", "at_most": 2.5}],
        "prompts": ["the \\"river\\""]}}
      """;

  private static final String YAML =
      """
      # A run.
      model: &m {memory_store: ema_token, dim: 64, n_heads: 4, n_kv_heads: 2}
      train:
        max_steps: 5
        learning_rate: 3e-4
        spike_guard: {action: off}
        groups:
          norms: {clip: 0.5}
      data:
        files:
        - a.jsonl
        - 'b''c.jsonl'
        packing: packed
      experiment:
        version: 1.10
        question: &q |
          Does it pay?
        description: *q
        hypotheses:
        - >-
          It can
          be read
        goals: [{metric: a.b, at_most: 2.5}]
      """;

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          "\"",
          "'",
          "\n",
          " ",
          "\t",
          "-",
          "- ",
          "? ",
          "#",
          "&a ",
          "*a",
          "*q",
          "<<: ",
          "!!str ",
          "!x ",
          "|",
          ">",
          "%",
          "@",
          "---\n",
          "...\n",
          "null",
          "~",
          "true",
          "off",
          "NaN",
          ".inf",
          "1e999",
          "-1",
          "0",
          "99999999999999999999",
          "1_0",
          "010",
          "\\",
          "\\u0000",
          "\\ud800",
          "\0",
          "\uFEFF",
          "\uD800",
          "\u2028",
          "é",
          "日本",
          "model",
          "train",
          "dim",
          "files",
          "{}",
          "[]",
          "\"\"");

  @Test
  void jsonIsReadOrRefusedInPlainWords() {
    assertThat(fuzz("run.json", JSON, 1)).isGreaterThan(100);
  }

  @Test
  void yamlIsReadOrRefusedInPlainWords() {
    assertThat(fuzz("run.yaml", YAML, 2)).isGreaterThan(100);
  }

  private static int fuzz(String source, String seed, long start) {
    assertThat(CONFIGS.parse(source, seed, RunConfig.class).experiment().version())
        .isEqualTo("1.10");
    Random random = new Random(start);
    List<String> keys = ConfigKeys.of(RunConfig.class);
    Set<String> messages = new TreeSet<>();
    int accepted = 0;
    for (int i = 0; i < INPUTS; i++) {
      String text = mutated(seed, keys, random);
      try {
        assertThat(CONFIGS.parse(source, text, RunConfig.class)).isNotNull();
        accepted++;
      } catch (UserException e) {
        assertThat(e.getMessage())
            .as(text)
            .startsWith(source + ":")
            .doesNotMatch(INTERNALS)
            .doesNotEndWith("null");
        messages.add(e.getMessage());
      } catch (RuntimeException | Error e) {
        throw new AssertionError(text, e);
      }
    }
    assertThat(messages).hasSizeGreaterThan(300);
    return accepted;
  }

  private static String mutated(String seed, List<String> keys, Random random) {
    StringBuilder text = new StringBuilder(seed);
    int edits = 1 + random.nextInt(3);
    for (int edit = 0; edit < edits && text.length() > 0; edit++) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
        case 3 -> text.insert(at, text.substring(at, end));
        default -> {
          String key = keys.get(random.nextInt(keys.size()));
          text.insert(at, key.substring(key.lastIndexOf('.') + 1));
        }
      }
    }
    return random.nextInt(50) == 0 ? text.substring(0, text.length() / 2) : text.toString();
  }
}
