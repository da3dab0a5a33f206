// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.mneme.eval.knowledge.SelectedPlace;
import org.mneme.eval.report.markup.VisibleText;

/** Prints where a prompt selects an entry. */
final class Places {
  private static final int MOST = 12;

  private Places() {}

  /** The weightiest places. */
  static void print(PrintWriter out, List<SelectedPlace> places) {
    places.stream()
        .sorted(Comparator.comparingDouble(SelectedPlace::weight).reversed())
        .limit(MOST)
        .forEach(
            place ->
                out.printf(
                    Locale.ROOT,
                    "  layer %d, head %d, slot %d, weight %.2f: position %d ▸%s◂%n",
                    place.layer(),
                    place.head(),
                    place.slot(),
                    place.weight(),
                    place.position(),
                    VisibleText.of(place.token())));
    if (places.size() > MOST) {
      out.printf(Locale.ROOT, "  and %d more places%n", places.size() - MOST);
    }
  }
}
