// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** A list with bullets. */
final class ListBlock extends Block {
  private final List<String> items;

  ListBlock(List<String> items) {
    this.items = List.copyOf(items);
  }

  @Override
  void html(Markup html) {
    html.open("ul", "class", "items");
    items.forEach(item -> html.leaf("li", item));
    html.close();
  }

  @Override
  void markdown(MarkdownText out) {
    items.forEach(out::item);
    out.blank();
  }
}
