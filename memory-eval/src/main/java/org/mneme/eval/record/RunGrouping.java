// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.mneme.eval.report.chart.Series;

/**
 * Puts runs together that are seeds of one experiment. Runs that differ in anything that is
 * recorded are never averaged; of what is left out, a note says so.
 */
final class RunGrouping {
  private final List<RunGroup> groups;
  private final List<String> notes = new ArrayList<>();

  /** Groups runs; groups are in the order of their first run. */
  RunGrouping(List<RecordedRun> runs) {
    Map<JsonNode, List<RecordedRun>> byKey = new LinkedHashMap<>();
    for (RecordedRun run : distinct(runs)) {
      byKey.computeIfAbsent(RunKey.of(run), key -> new ArrayList<>()).add(run);
    }
    List<List<RecordedRun>> all = new ArrayList<>();
    byKey.values().forEach(equal -> all.addAll(divided(equal)));
    groups = GroupLabels.of(all);
    noteUnknownData(runs);
  }

  List<RunGroup> groups() {
    return groups;
  }

  /** What a reader must know of the groups, a sentence each. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  private List<RecordedRun> distinct(List<RecordedRun> runs) {
    Map<Path, RecordedRun> byFolder = new LinkedHashMap<>();
    Set<String> twice = new LinkedHashSet<>();
    for (RecordedRun run : runs) {
      if (byFolder.putIfAbsent(realPath(run.folder()), run) != null) {
        twice.add(run.folder().toString());
      }
    }
    if (!twice.isEmpty()) {
      notes.add("Given more than once, counted once: " + String.join(", ", twice) + ".");
    }
    return List.copyOf(byFolder.values());
  }

  static Path realPath(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath().normalize();
    }
  }

  /** One group, unless runs of one seed came out differently: then each is a group of its own. */
  private List<List<RecordedRun>> divided(List<RecordedRun> equal) {
    List<RecordedRun> kept = new ArrayList<>();
    List<String> repeated = new ArrayList<>();
    for (RecordedRun run : equal) {
      if ((run.seed().isEmpty() && equal.size() > 1) || !isKept(run, kept, repeated)) {
        notes.add(
            "Runs of equal configuration, data, code and seed that came out differently, or whose"
                + " seed is not known, are not averaged: "
                + names(equal)
                + ".");
        return equal.stream().map(List::of).toList();
      }
    }
    notes.addAll(repeated);
    return List.of(kept);
  }

  /** Adds a run, or leaves it out with a note; false if it contradicts one of the same seed. */
  private static boolean isKept(RecordedRun run, List<RecordedRun> kept, List<String> repeated) {
    for (int i = 0; i < kept.size(); i++) {
      RecordedRun other = kept.get(i);
      if (other.seed().equals(run.seed())) {
        if (!agree(run, other)) {
          return false;
        }
        boolean further = other.metrics().lastStep() < run.metrics().lastStep();
        kept.set(i, further ? run : other);
        repeated.add(
            (further ? other : run).folder()
                + " is left out: it repeats "
                + (further ? run : other).folder()
                + " with equal results.");
        return true;
      }
    }
    kept.add(run);
    return true;
  }

  /** Whether two runs reported equal losses at all steps that both have, and have some. */
  private static boolean agree(RecordedRun one, RecordedRun other) {
    int shared = 0;
    for (String[] number : new String[][] {{"train", "ce"}, {"validation", "loss"}}) {
      int common =
          common(
              one.metrics().series(number[0], number[1]),
              other.metrics().series(number[0], number[1]));
      if (common < 0) {
        return false;
      }
      shared += common;
    }
    return shared > 0;
  }

  /** How many places two curves share; −1 if they differ at one of them. */
  private static int common(Series one, Series other) {
    Map<Double, Double> known = new LinkedHashMap<>();
    for (int i = 0; i < one.size(); i++) {
      known.put(one.x()[i], one.y()[i]);
    }
    int common = 0;
    for (int i = 0; i < other.size(); i++) {
      Double value = known.get(other.x()[i]);
      if (value != null) {
        if (Double.compare(value, other.y()[i]) != 0) {
          return -1;
        }
        common++;
      }
    }
    return common;
  }

  private void noteUnknownData(List<RecordedRun> runs) {
    List<RecordedRun> unknown = runs.stream().filter(run -> !RunKey.knowsData(run)).toList();
    if (!unknown.isEmpty() && runs.size() > 1) {
      notes.add(
          "What text these runs learned from is not recorded, so that only their configurations"
              + " are compared: "
              + names(unknown)
              + ".");
    }
  }

  private static String names(List<RecordedRun> runs) {
    return runs.stream()
        .map(run -> run.folder().toString())
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
