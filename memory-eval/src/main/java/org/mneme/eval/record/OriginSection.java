// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;

/** What a run ran on, how to do it again, and what it left. */
final class OriginSection {
  private static final int MOST_FILES = 60;

  private OriginSection() {}

  static List<Block> blocks(RecordedRun run) {
    List<Block> blocks = new ArrayList<>();
    String command = run.info().path("command").asText();
    List<String> lines = new ArrayList<>();
    if (command.isEmpty()) {
      lines.addAll(run.findings().reproduce());
    } else {
      lines.add(command);
    }
    if (!run.config().isEmpty()) {
      lines.add("./mneme train --config " + run.folder().resolve("config.json"));
    }
    if (!lines.isEmpty()) {
      blocks.add(
          Block.hint(
              lines.size() > 1
                  ? "What was typed, and the same from the resolved configuration:"
                  : "To do it again:"));
      blocks.add(Block.code(lines));
    }
    Map<String, String> values = new LinkedHashMap<>();
    collect("", run.info(), values);
    values.remove("command");
    if (values.isEmpty()) {
      values.putAll(run.findings().environment());
    }
    if (values.isEmpty()) {
      blocks.add(Block.missing("Versions and machine are not known: there is no info.json."));
    } else {
      blocks.add(Block.definitions(values));
    }
    return blocks;
  }

  /** The settings have a section of their own. */
  private static void collect(String path, JsonNode node, Map<String, String> values) {
    if (path.equals("config") || path.equals("settings")) {
      return;
    }
    if (node.isContainerNode()) {
      if (node.isArray() && node.valueStream().allMatch(JsonNode::isTextual)) {
        values.put(
            path.replace('_', ' '),
            node.valueStream().map(JsonNode::asText).collect(Collectors.joining(", ")));
      } else if (node.isArray()) {
        for (int i = 0; i < node.size(); i++) {
          collect(path + (node.size() == 1 ? "" : " " + (i + 1)), node.get(i), values);
        }
      } else {
        String start = path.isEmpty() ? "" : path + ".";
        node.properties()
            .forEach(field -> collect(start + field.getKey(), field.getValue(), values));
      }
    } else if (!node.asText().isEmpty()) {
      values.put(path.replace('_', ' '), node.asText());
    }
  }

  static List<Block> files(RecordedRun run) {
    Rows rows = new Rows(Rows.words("file"), Rows.numbers("bytes", ""));
    long total = 0;
    for (RunFile file : run.files()) {
      total += file.bytes();
    }
    run.files().stream()
        .limit(MOST_FILES)
        .forEach(file -> rows.add(file.name(), Numbers.whole(file.bytes())));
    int rest = run.files().size() - MOST_FILES;
    rows.add(rest > 0 ? "all, with " + rest + " more files" : "all", Numbers.whole(total));
    return List.of(Block.table(rows.table()));
  }
}
