// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds names for groups of runs: that of their system, with settings where several share it. */
final class GroupLabels {
  private static final int LONGEST_VALUE = 60;
  private static final int MOST_SETTINGS = 3;
  private static final int HASH_DIGITS = 10;

  private GroupLabels() {}

  static List<RunGroup> of(List<List<RecordedRun>> groups) {
    // Once for each group: reading them for each pair would take hours for some hundred groups.
    IdentityHashMap<List<RecordedRun>, Map<String, String>> settings = new IdentityHashMap<>();
    Map<String, List<Map<String, String>>> bySystem = new LinkedHashMap<>();
    for (List<RecordedRun> group : groups) {
      settings.put(group, settings(group.get(0)));
      bySystem
          .computeIfAbsent(group.get(0).system(), name -> new ArrayList<>())
          .add(settings.get(group));
    }
    Map<String, Set<String>> differing = new LinkedHashMap<>();
    bySystem.forEach((system, namesakes) -> differing.put(system, differing(namesakes)));
    Set<String> taken = new HashSet<>();
    List<RunGroup> labelled = new ArrayList<>();
    for (List<RecordedRun> group : groups) {
      String system = group.get(0).system();
      String label = system + label(settings.get(group), differing.get(system));
      String unique = label;
      for (int number = 2; !taken.add(unique); number++) {
        unique = label + " #" + number;
      }
      labelled.add(new RunGroup(unique, group));
    }
    return labelled;
  }

  /** The paths of settings in which not all of some groups are equal. */
  private static Set<String> differing(List<Map<String, String>> namesakes) {
    Map<String, String> first = namesakes.get(0);
    Set<String> differing = new HashSet<>();
    for (Map<String, String> other : namesakes) {
      Sets.union(first.keySet(), other.keySet()).stream()
          .filter(path -> !Objects.equals(first.get(path), other.get(path)))
          .forEach(differing::add);
    }
    differing.removeAll(RunGroup.ASIDE);
    return differing;
  }

  /** The settings of a group in which not all of its namesakes are equal. */
  private static String label(Map<String, String> own, Set<String> differing) {
    return own.entrySet().stream()
        .filter(setting -> differing.contains(setting.getKey()))
        .limit(MOST_SETTINGS)
        .map(
            setting ->
                " "
                    + setting.getKey().substring(setting.getKey().indexOf('.') + 1)
                    + "="
                    + excerpt(setting.getValue()))
        .collect(Collectors.joining());
  }

  private static String excerpt(String value) {
    return value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "…" : value;
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
