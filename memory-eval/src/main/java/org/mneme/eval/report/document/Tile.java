// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.Objects;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Palette;

/**
 * A result in a large figure.
 *
 * @param label what it is
 * @param color number of the colour of its run, or -1 for none
 * @param figure the figure
 * @param unit its unit; may be empty
 * @param badge a word of praise or blame beside it; may be empty
 * @param hint what else is to be said; may be empty
 */
public record Tile(String label, int color, String figure, String unit, String badge, String hint) {
  /** Refuses null. */
  public Tile {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(figure, "figure");
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(badge, "badge");
    Objects.requireNonNull(hint, "hint");
  }

  void html(Markup html) {
    html.open("div", "class", "tile" + (color < 0 ? "" : " " + Palette.cssClass(color)));
    html.leaf("p", label, "class", "who");
    html.open("p", "class", "figure").text(figure);
    if (!unit.isEmpty()) {
      html.text(" ").leaf("small", unit);
    }
    if (!badge.isEmpty()) {
      html.text(" ").leaf("span", badge, "class", "badge");
    }
    html.close().leaf("p", hint, "class", "hint").close();
  }

  void markdown(MarkdownText out) {
    out.item(
        label
            + ": "
            + figure
            + (unit.isEmpty() ? "" : " " + unit)
            + (badge.isEmpty() ? "" : " (" + badge + ")")
            + (hint.isEmpty() ? "" : "; " + hint));
  }
}
