// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.util.Locale;

/** A memory estimate for a person. */
final class MemoryTable {
  private static final String ROW = "%-28s %10s%n";

  private MemoryTable() {}

  /** One line for each part, and the total beside what is there; −1 if that is unknown. */
  static String of(MemoryEstimate estimate, long there) {
    StringBuilder table = new StringBuilder();
    for (MemoryEstimate.Part part : estimate.parts()) {
      table.append(String.format(Locale.ROOT, ROW, part.name(), Bytes.text(part.bytes())));
    }
    String found = there < 0 ? "" : " of " + Bytes.text(there);
    table.append(String.format(Locale.ROOT, ROW, "in all", Bytes.text(estimate.total()) + found));
    return table.toString();
  }
}
