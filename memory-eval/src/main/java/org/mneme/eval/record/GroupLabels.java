// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds names for groups of runs: that of their system, with settings where several share it. */
final class GroupLabels {
  private static final int MOST_SETTINGS = 3;
  private static final int HASH_DIGITS = 10;

  private GroupLabels() {}

  static List<RunGroup> of(List<List<RecordedRun>> groups) {
    Map<String, List<List<RecordedRun>>> bySystem = new LinkedHashMap<>();
    for (List<RecordedRun> group : groups) {
      bySystem.computeIfAbsent(group.get(0).system(), name -> new ArrayList<>()).add(group);
    }
    Set<String> taken = new HashSet<>();
    List<RunGroup> labelled = new ArrayList<>();
    for (List<RecordedRun> group : groups) {
      String system = group.get(0).system();
      String label = system + settings(group, bySystem.get(system));
      String unique = label;
      for (int number = 2; !taken.add(unique); number++) {
        unique = label + " #" + number;
      }
      labelled.add(new RunGroup(unique, group));
    }
    return labelled;
  }

  /** The settings of a group in which not all of its namesakes are equal. */
  private static String settings(List<RecordedRun> group, List<List<RecordedRun>> namesakes) {
    if (namesakes.size() == 1) {
      return "";
    }
    Map<String, String> own = settings(group.get(0));
    List<String> shown = new ArrayList<>();
    for (Map.Entry<String, String> setting : own.entrySet()) {
      boolean differs =
          !RunGroup.ASIDE.contains(setting.getKey())
              && namesakes.stream()
                  .anyMatch(
                      other ->
                          !setting.getValue().equals(settings(other.get(0)).get(setting.getKey())));
      if (differs && shown.size() < MOST_SETTINGS) {
        String key = setting.getKey();
        shown.add(key.substring(key.indexOf('.') + 1) + "=" + setting.getValue());
      }
    }
    return shown.isEmpty() ? "" : " " + String.join(" ", shown);
  }

  /** All settings of a run by their path, those of the experiment's description left out. */
  static Map<String, String> settings(RecordedRun run) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> part : run.config().properties()) {
      if (!part.getKey().equals("experiment")) {
        collect(part.getKey(), part.getValue(), settings);
      }
    }
    settings.remove("train.seed");
    RunKey.identity(run).forEach((key, value) -> settings.put("identity." + key, shortened(value)));
    return settings;
  }

  /** A hash, by its first digits; anything else as it is. */
  private static String shortened(String value) {
    return value.matches("[0-9a-f]{40,}.*") ? value.substring(0, HASH_DIGITS) : value;
  }

  private static void collect(String path, JsonNode node, Map<String, String> settings) {
    if (node.isObject()) {
      node.properties().forEach(e -> collect(path + "." + e.getKey(), e.getValue(), settings));
    } else {
      settings.put(path, node.isTextual() ? node.textValue() : node.toString());
    }
  }
}
