// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What must be equal for two runs to be seeds of one experiment: configuration, data and code. */
final class RunKey {
  /** Where the text is: it does not matter if it is known what the text is. */
  private static final List<String> PLACES =
      List.of("data.files", "data.tokenizer", "data.knowledge_file");

  private RunKey() {}

  /** The key of a run; one without a configuration has a key of its own. */
  static JsonNode of(RecordedRun run) {
    ObjectNode key = JsonNodeFactory.instance.objectNode();
    for (String part : List.of("model", "train", "data")) {
      if (run.config().get(part) instanceof ObjectNode section) {
        key.set(part, section.deepCopy());
      }
    }
    if (key.isEmpty()) {
      return key.put("folder", run.folder().toString());
    }
    remove(key, RunGroup.ASIDE);
    Map<String, String> identity = identity(run);
    if (knowsData(identity)) {
      remove(key, PLACES);
    }
    ObjectNode told = key.putObject("identity");
    identity.forEach(told::put);
    return key;
  }

  private static void remove(ObjectNode key, List<String> paths) {
    for (String path : paths) {
      int dot = path.indexOf('.');
      if (key.get(path.substring(0, dot)) instanceof ObjectNode section) {
        section.remove(path.substring(dot + 1));
      }
    }
  }

  /** Returns whether the folder of a run says what its data was, not only where. */
  static boolean knowsData(RecordedRun run) {
    return knowsData(identity(run));
  }

  private static boolean knowsData(Map<String, String> identity) {
    return identity.containsKey("data.source");
  }

  /** What a run records of its data and its code, by name; empty for an old run without any. */
  static Map<String, String> identity(RecordedRun run) {
    Map<String, String> identity = new LinkedHashMap<>();
    collect("", run.info().path("identity"), identity);
    if (identity.isEmpty()) {
      ofOlderRun(run.info(), identity);
    }
    return identity;
  }

  private static void collect(String path, JsonNode node, Map<String, String> values) {
    node.properties()
        .forEach(
            field -> {
              if (field.getValue().isObject()) {
                collect(path + field.getKey() + ".", field.getValue(), values);
              } else if (!field.getValue().isNull()) {
                values.put(path + field.getKey(), field.getValue().asText());
              }
            });
  }

  /** Runs had hashes of their data and the commit before they had an identity. */
  private static void ofOlderRun(JsonNode info, Map<String, String> identity) {
    List<String> sources = new ArrayList<>();
    info.path("data").forEach(data -> sources.add(data.path("source_sha256").asText()));
    if (!sources.isEmpty()) {
      identity.put("data.source", String.join(" ", sources));
      identity.put("data.tokenizer", info.path("data").path(0).path("tokenizer_sha256").asText());
    }
    String commit = info.path("versions").path("commit").asText();
    if (!commit.isEmpty()) {
      identity.put("commit", commit);
    }
  }
}
