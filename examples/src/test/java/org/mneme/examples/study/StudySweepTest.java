// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.testing.ConfigKeys;

/**
 * Every key of a study with every odd value: refused with a message that names the key, or accepted
 * and then able to be planned. Keys are found by reflection.
 */
class StudySweepTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonConfig CONFIGS = new JsonConfig();
  private static final String INTERNALS =
      "(?s).*(jackson|snakeyaml|StreamRead|JsonRead|Exception|java\\.|token \\(|\\n).*";
  private static final String STUDY =
      """
      {"name": "tiny", "question": "Which?", "base": {"model": {"vocab_size": 512, "dim": 64,
       "n_layers": 2, "n_heads": 2, "n_kv_heads": 1, "max_seq_len": 32, "knowledge_num": 256},
       "train": {"batch_size": 4, "accumulation_steps": 1, "epochs": 0, "max_steps": 100}},
       "data": {"corpus": "wordnet", "every": 2, "facts": {"people": 10, "exposures": 2, "seed": 1}},
       "seeds": [1, 2], "systems": [{"name": "a", "label": "b", "system": "1.4.0",
       "set": {"train.beta2": 0.9}, "flops_by": "steps"}, {"name": "c", "system": "1.4.1",
       "flops_like": "a"}], "evaluation": {"batches": 3, "facts_people": 2, "candidates": 4,
       "prompts": ["x"], "texts_per_prompt": 2, "max_tokens": 8}}
      """;

  private static final List<String> VALUES =
      List.of(
          "-1",
          "0",
          "1",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "1e300",
          "-1e300",
          "1e-300",
          "1e400",
          "1.5",
          "null",
          "\"\"",
          "\"text\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"../x\"",
          "[]",
          "[1]",
          "[null]",
          "[[1]]",
          "{}",
          "{\"a\": 1}",
          "{\"model\": null}",
          "{\"model\": {\"dim\": null}}",
          "true");
  private static final List<String> YAML_VALUES =
      List.of("", "~", ".nan", ".inf", "off", "010", "1:30", "0x10", "+1", "*a", "NaN", "Infinity");

  @TempDir Path folder;

  @Test
  void everyKeyWithEveryOddValueIsRefusedOrPlanned() throws Exception {
    int refused = 0;
    int accepted = 0;
    for (String key : ConfigKeys.of(StudyConfig.class)) {
      for (String value : VALUES) {
        String text = with(key, value);
        accepted += tried("study.json", text, key, value) ? 1 : 0;
        refused += tried("study.yaml", text, key, value) ? 0 : 1;
      }
      for (String value : YAML_VALUES) {
        tried("study.yaml", with(key, " " + value + " "), key, value);
      }
    }
    System.out.printf("sweep of studies: %d refused, %d accepted%n", refused, accepted);
    assertThat(accepted).isGreaterThan(50);
    assertThat(refused).isGreaterThan(400);
  }

  private boolean tried(String name, String text, String key, String value) {
    String source = folder.resolve(name).toString();
    String shown = key + " = " + value;
    StudyConfig study;
    try {
      study = CONFIGS.parse(source, text, StudyConfig.class);
      StudyPlanner.plan(study, source);
    } catch (UserException e) {
      List<String> steps = Splitter.on('.').splitToList(key.replace(".0", ""));
      assertThat(e.getMessage()).as(shown).startsWith(source).doesNotMatch(INTERNALS);
      boolean named = !value.startsWith("{\"") && !e.getMessage().contains("not well formed");
      if (named && !value.startsWith("*")) {
        assertThat(e.getMessage())
            .as(shown)
            .containsAnyOf(
                steps.get(steps.size() - 1), steps.get(Math.max(0, steps.size() - 2)), "system");
      }
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(shown, e);
    }
    boolean element = key.endsWith(".0"); // "[ ]" is an empty list
    boolean asText = CONFIGS.write(study).contains("\"" + value + "\"");
    if (!element && !asText) {
      assertThat(value).as(key).isNotIn("null", "~", "", "[null]", ".nan", ".inf", "1e400");
    }
    assertThat(CONFIGS.parse("study.json", CONFIGS.write(study), StudyConfig.class))
        .as(shown)
        .isEqualTo(study);
    return true;
  }

  private static String with(String key, String value) throws IOException {
    JsonNode root = JSON.readTree(STUDY);
    List<String> path = Splitter.on('.').splitToList(key);
    JsonNode node = root;
    for (int i = 0; i + 1 < path.size(); i++) {
      JsonNode next = node instanceof ArrayNode list ? list.get(0) : node.get(path.get(i));
      if (next == null) {
        boolean list = path.get(i + 1).equals("0");
        next = list ? JSON.createArrayNode() : JSON.createObjectNode();
        ((ObjectNode) node).set(path.get(i), next);
      }
      node = next;
    }
    JsonNode mark = JSON.getNodeFactory().textNode("@");
    if (node instanceof ArrayNode list) {
      list.insert(0, mark);
    } else {
      ((ObjectNode) node).set(path.get(path.size() - 1), mark);
    }
    return root.toString().replace("\"@\"", value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"people\": 200000, \"exposures\": 2000000}",
        "{\"people\": 2147483647}",
        "{\"people\": 0}"
      })
  void biographiesThatCannotBeCountedAreRefused(String facts) throws IOException {
    ObjectNode study = (ObjectNode) JSON.readTree(STUDY);
    ((ObjectNode) study.get("data")).set("facts", JSON.readTree(facts));
    assertThatThrownBy(
            () ->
                StudyPlanner.plan(
                    CONFIGS.parse("s.json", study.toString(), StudyConfig.class), "s.json"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("s.json: data.facts.people is ");
  }

  /** A study.json that is damaged is read, or refused by its name in plain words. */
  @Test
  void damagedStudiesAreReadOrRefused() throws IOException {
    Path file = folder.resolve("study.json");
    List<String> keys = new ArrayList<>(ConfigKeys.of(StudyConfig.class));
    Random random = new Random(41);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(STUDY);
      for (int edit = random.nextInt(3); edit >= 0; edit--) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + random.nextInt(12));
        String value =
            random.nextInt(4) == 0
                ? keys.get(random.nextInt(keys.size()))
                : VALUES.get(random.nextInt(VALUES.size()));
        text.replace(at, end, random.nextBoolean() ? value : "");
      }
      try {
        if (i % 4 == 0) {
          Files.writeString(file, text);
          CONFIGS.readRecord(file, StudyConfig.class);
        } else {
          StudyPlanner.plan(
              CONFIGS.parse(file.toString(), text.toString(), StudyConfig.class), file.toString());
        }
      } catch (UserException e) {
        refused++;
        assertThat(e.getMessage()).startsWith(file.toString()).doesNotMatch(INTERNALS);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(text.toString(), e);
      }
    }
    System.out.printf("fuzz study.json: 20000 inputs, seed 41, %d refused%n", refused);
    assertThat(refused).isBetween(10_000, 19_990);
  }
}
