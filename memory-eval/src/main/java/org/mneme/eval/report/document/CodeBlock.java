// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** Lines of a shell. */
final class CodeBlock extends Block {
  private final List<String> lines;

  CodeBlock(List<String> lines) {
    this.lines = List.copyOf(lines);
  }

  @Override
  void html(Markup html) {
    html.open("pre", "tabindex", "0").leaf("code", String.join("\n", lines)).close();
  }

  @Override
  void markdown(MarkdownText out) {
    out.fenced(lines);
  }
}
