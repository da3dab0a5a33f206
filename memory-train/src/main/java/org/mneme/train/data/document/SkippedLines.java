// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The bad lines that were left out of some files.
 *
 * @param count how many
 * @param first the first of them, at most {@value #KEPT}
 */
public record SkippedLines(long count, List<BadLine> first) {

  /** How many are told one by one. */
  public static final int KEPT = 10;

  /** No line was left out. */
  public static final SkippedLines NONE = new SkippedLines(0, List.of());

  /** Copies the list. */
  public SkippedLines {
    first = first == null ? List.of() : List.copyOf(first);
  }

  /** These and one more. */
  public SkippedLines with(BadLine line) {
    return plus(new SkippedLines(1, List.of(line)));
  }

  /** These and then others. */
  SkippedLines plus(SkippedLines others) {
    if (others.count == 0) {
      return this;
    }
    List<BadLine> both = first;
    if (first.size() < KEPT) {
      both = new ArrayList<>(first);
      others.first.stream().limit(KEPT - (long) first.size()).forEach(both::add);
    }
    return new SkippedLines(count + others.count, both);
  }

  /** For a person: how many, and where the first ones are. */
  @Override
  public String toString() {
    String where = first.stream().map(BadLine::toString).collect(Collectors.joining("; "));
    String lines = count == 1 ? " bad line skipped" : " bad lines skipped";
    return count + lines + (first.isEmpty() ? "" : ", the first: " + where);
  }
}
