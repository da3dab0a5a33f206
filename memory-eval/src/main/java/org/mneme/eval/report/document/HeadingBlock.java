// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** A heading within a section. */
final class HeadingBlock extends Block {
  private final String text;

  HeadingBlock(String text) {
    this.text = text;
  }

  @Override
  void html(Markup html) {
    html.leaf("h3", text, "class", "part");
  }

  @Override
  void markdown(MarkdownText out) {
    out.heading(3, text);
  }
}
