// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** A paragraph of some kind. */
final class TextBlock extends Block {
  private final String text;
  private final String kind;

  TextBlock(String text, String kind) {
    this.text = text;
    this.kind = kind;
  }

  @Override
  void html(Markup html) {
    html.leaf("p", text, "class", kind);
  }

  @Override
  void markdown(MarkdownText out) {
    out.paragraph(text);
  }
}
