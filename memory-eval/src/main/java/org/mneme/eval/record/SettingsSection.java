// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;

/** The settings, a table for each part of the configuration and a column for each group of runs. */
final class SettingsSection {
  private SettingsSection() {}

  static List<Block> blocks(List<RunGroup> groups) {
    List<Map<String, String>> settings = all(groups);
    Map<String, List<String>> parts = new LinkedHashMap<>();
    for (String path : paths(settings)) {
      int dot = path.indexOf('.');
      String part = dot < 0 ? "" : path.substring(0, dot);
      parts.computeIfAbsent(part, name -> new ArrayList<>()).add(path);
    }
    List<Block> blocks = new ArrayList<>();
    parts.forEach(
        (part, paths) -> {
          blocks.add(Block.heading(part.isEmpty() ? "others" : part));
          blocks.add(Block.table(table(groups, settings, paths)));
        });
    if (blocks.isEmpty()) {
      blocks.add(Block.missing("The settings are not known: there is no config.json."));
    }
    return blocks;
  }

  /** The settings in which the groups differ. */
  static Table differences(List<RunGroup> groups) {
    List<Map<String, String>> settings = all(groups);
    return table(
        groups,
        settings,
        paths(settings).stream()
            .filter(path -> !RunGroup.ASIDE.contains(path) && differ(settings, path))
            .toList());
  }

  private static List<Map<String, String>> all(List<RunGroup> groups) {
    return groups.stream().map(RunGroup::first).map(GroupLabels::settings).toList();
  }

  private static Set<String> paths(List<Map<String, String>> settings) {
    Set<String> paths = new LinkedHashSet<>();
    settings.forEach(map -> paths.addAll(map.keySet()));
    return paths;
  }

  private static boolean differ(List<Map<String, String>> settings, String path) {
    return settings.stream().map(map -> map.getOrDefault(path, Numbers.NONE)).distinct().count()
        > 1;
  }

  private static Table table(
      List<RunGroup> groups, List<Map<String, String>> settings, List<String> paths) {
    List<Table.Column> columns = new ArrayList<>(List.of(Rows.words("setting")));
    groups.forEach(group -> columns.add(Rows.words(group.label())));
    List<Table.Row> rows = new ArrayList<>();
    for (String path : paths) {
      List<Cell> cells = new ArrayList<>(List.of(Cell.of(path.substring(path.indexOf('.') + 1))));
      settings.forEach(map -> cells.add(Cell.of(map.getOrDefault(path, Numbers.NONE))));
      rows.add(new Table.Row(cells, -1, groups.size() > 1 && !differ(settings, path)));
    }
    return new Table(columns, rows);
  }
}
