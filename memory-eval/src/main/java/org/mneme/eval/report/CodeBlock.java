// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.List;

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
