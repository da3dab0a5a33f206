// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import org.mneme.eval.report.markup.HtmlTable;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Table;

/** A table. */
final class TableBlock extends Block {
  private final Table table;

  TableBlock(Table table) {
    this.table = table;
  }

  @Override
  void html(Markup html) {
    HtmlTable.render(html, table);
  }

  @Override
  void markdown(MarkdownText out) {
    out.table(table);
  }
}
