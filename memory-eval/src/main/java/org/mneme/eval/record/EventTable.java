// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All events of one kind: a row for each, a column for each number that they tell. */
final class EventTable {
  private static final String STEP = "step";

  private final Map<String, Column> columns = new LinkedHashMap<>();
  private int rows;

  void add(JsonNode event) {
    numbers(event)
        .forEach((key, value) -> columns.computeIfAbsent(key, k -> new Column()).set(rows, value));
    rows++;
  }

  /** All numbers within an object, those of inner objects under {@code outer.inner}. */
  static Map<String, Double> numbers(JsonNode object) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    collect("", object, numbers);
    return numbers;
  }

  private static void collect(String path, JsonNode object, Map<String, Double> numbers) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String key = path + field.getKey();
      JsonNode value = field.getValue();
      if (value.isNumber()) {
        numbers.put(key, value.doubleValue());
      } else if (value.isObject()) {
        collect(key + ".", value, numbers);
      }
    }
  }

  Set<String> keys() {
    return columns.keySet();
  }

  /**
   * The rows that count, in ascending order: where a run went back and told steps again, the later
   * telling replaces the earlier one.
   */
  private List<Integer> kept() {
    List<Integer> kept = new ArrayList<>();
    double next = Double.POSITIVE_INFINITY;
    for (int row = rows - 1; row >= 0; row--) {
      double step = value(STEP, row);
      if (!(step >= next)) {
        kept.add(row);
        next = Double.isNaN(step) ? next : step;
      }
    }
    Collections.reverse(kept);
    return kept;
  }

  /** The values of a key in all rows that count; NaN where it was not told. */
  double[] values(String key) {
    return kept().stream().mapToDouble(row -> value(key, row)).toArray();
  }

  double[] steps() {
    return values(STEP);
  }

  private double value(String key, int row) {
    Column column = columns.get(key);
    return column == null ? Double.NaN : column.get(row);
  }
}
