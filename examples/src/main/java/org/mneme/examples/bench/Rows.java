// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mneme.eval.report.Table.Cell;
import org.mneme.eval.report.Table.Row;

/** Rows of console tables. */
final class Rows {
  static final String NONE = "–";

  private Rows() {}

  static Row of(String... texts) {
    List<Cell> cells = new ArrayList<>();
    for (String text : texts) {
      cells.add(Cell.of(text));
    }
    return new Row(cells, -1, false);
  }

  /** A number, or a dash for NaN. */
  static String format(String pattern, double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, pattern, value);
  }
}
