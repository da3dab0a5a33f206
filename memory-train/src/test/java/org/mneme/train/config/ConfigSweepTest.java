// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelFlops;
import org.mneme.train.preflight.MemoryEstimate;
import org.mneme.train.testing.ConfigKeys;

/**
 * Every key of a configuration with every odd value: refused with a message that names the key, or
 * accepted and then able to be planned. Keys are found by reflection.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfigSweepTest {
  private static final DeviceInfo DEVICE =
      new DeviceInfo(
          "cuda:0", "cuda", "H200", Set.of(DType.F32, DType.BF16, DType.I32), 140L << 30, 1 << 20);
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonConfig CONFIGS = new JsonConfig();
  private static final String INTERNALS =
      "(?s).*(jackson|snakeyaml|StreamRead|JsonRead|Exception|java\\.|token \\(|\\n).*";

  /** Written as in JSON, which is YAML too. */
  private static final List<String> VALUES =
      List.of(
          "-1",
          "0",
          "1",
          "2147483647",
          "-2147483648",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "1e300",
          "-1e300",
          "1e-300",
          "1e400",
          "1e-400",
          "1.5",
          "null",
          "\"\"",
          "\"text\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "[]",
          "[1]",
          "[null]",
          "[[1]]",
          "{}",
          "{\"a\": 1}",
          "true");

  private static final List<String> YAML_VALUES =
      List.of(
          "",
          "~",
          "Null",
          ".nan",
          ".inf",
          "-.Inf",
          "off",
          "yes",
          "010",
          "1:30",
          "0x10",
          "1_000",
          "2001-12-14",
          "+1",
          "!!int 1",
          "*a",
          "NaN",
          "Infinity");

  static Stream<String> stores() {
    return Stream.of("none", "learned", "ema_vector", "ema_token", "context_token");
  }

  private static ObjectNode base(String store) {
    try {
      String fusion = store.equals("context_token") ? "beside" : "gated_mlp";
      return (ObjectNode)
          JSON.readTree(
              String.format(
                  Locale.ROOT,
                  "{\"model\": {\"memory_store\": \"%s\", \"memory_fusion\": \"%s\","
                      + " \"dim\": 8, \"n_layers\": 1, \"n_heads\": 1, \"n_kv_heads\": 1,"
                      + " \"max_seq_len\": 16, \"vocab_size\": 300, \"knowledge_num\": 64,"
                      + " \"knowledge_length\": 2, \"knowledge_dim\": 4, \"num_selected\": 2},"
                      + " \"train\": {\"batch_size\": 2, \"accumulation_steps\": 1,"
                      + " \"max_steps\": 3}}",
                  store,
                  fusion));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void everyKeyWithEveryOddValueIsRefusedOrWorks(String store) throws Exception {
    int refused = 0;
    int accepted = 0;
    for (String key : ConfigKeys.of(RunConfig.class)) {
      for (String value : VALUES) {
        ObjectNode tree = base(store);
        put(tree, Splitter.on('.').splitToList(key), "@");
        String text = tree.toString().replace("\"@\"", value);
        if (tried("run.json", text, key, value)) {
          accepted++;
        } else {
          refused++;
        }
        if (store.equals("ema_token")) {
          tried("run.yaml", text, key, value);
        }
      }
    }
    assertThat(accepted).isGreaterThan(100);
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void everyKeyWithEveryOddScalarOfYamlIsRefusedOrWorks() throws Exception {
    for (String key : ConfigKeys.of(RunConfig.class)) {
      for (String value : YAML_VALUES) {
        ObjectNode tree = base("ema_token");
        put(tree, Splitter.on('.').splitToList(key), "@");
        tried("run.yaml", tree.toString().replace("\"@\"", " " + value + " "), key, value);
      }
    }
  }

  /** Whether the text is accepted; what is accepted can be planned and is read back the same. */
  private static boolean tried(String source, String text, String key, String value) {
    RunConfig run;
    try {
      run = CONFIGS.parse(source, text, RunConfig.class);
    } catch (UserException e) {
      List<String> steps = Splitter.on('.').splitToList(key.replace(".0", ""));
      String last = steps.get(steps.size() - 1);
      String parent = steps.get(Math.max(0, steps.size() - 2));
      assertThat(e.getMessage()).as("%s = %s", key, value).doesNotMatch(INTERNALS);
      if (!value.startsWith("!!") && !value.startsWith("*") && !value.startsWith("{\"")) {
        assertThat(e.getMessage()).as("%s = %s", key, value).containsAnyOf(last, parent);
      }
      return false;
    }
    String again = CONFIGS.write(run);
    boolean asText = again.contains("\"" + value + "\"");
    boolean element = key.endsWith(".0"); // "[ ]" is an empty list
    assertThat(element || asText ? value + "[]" : value)
        .as(key)
        .isNotIn("null", "~", "Null", "", "[null]", ".nan", ".inf", "1e400");
    assertThat(CONFIGS.parse("config.json", again, RunConfig.class)).isEqualTo(run);
    if (source.equals("run.json") && !key.startsWith("data") && !key.startsWith("experiment")) {
      assertThat(ModelFlops.of(run.model()).training()).as(key).isPositive().isFinite();
      try {
        assertThat(MemoryEstimate.of(run, DEVICE).total()).as("%s = %s", key, value).isPositive();
      } catch (UserException e) {
        assertThat(e.getMessage()).as("%s = %s", key, value).doesNotMatch(INTERNALS);
      }
    }
    return true;
  }

  private static void put(ObjectNode tree, List<String> path, String value) {
    JsonNode node = tree;
    for (int i = 0; i + 1 < path.size(); i++) {
      boolean list = path.get(i + 1).equals("0");
      JsonNode next = node instanceof ArrayNode array ? array.get(0) : node.get(path.get(i));
      if (next == null) {
        next = list ? JSON.createArrayNode() : JSON.createObjectNode();
        set(node, path.get(i), next);
      }
      node = next;
    }
    set(node, path.get(path.size() - 1), JSON.getNodeFactory().textNode(value));
  }

  private static void set(JsonNode node, String key, JsonNode value) {
    if (node instanceof ArrayNode list) {
      list.add(value);
    } else {
      ((ObjectNode) node).set(key, value);
    }
  }
}
