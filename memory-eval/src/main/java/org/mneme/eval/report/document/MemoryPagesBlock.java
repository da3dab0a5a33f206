// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.memory.ContextView;
import org.mneme.eval.report.memory.MemoryEntryView;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.eval.report.memory.MemorySection;
import org.mneme.eval.report.memory.TokenChange;

/** Pages of memory entries. */
final class MemoryPagesBlock extends Block {
  private final List<MemoryPage> pages;

  MemoryPagesBlock(List<MemoryPage> pages) {
    this.pages = List.copyOf(pages);
  }

  @Override
  void html(Markup html) {
    MemorySection.legend(html);
    pages.forEach(page -> MemorySection.render(html, page));
  }

  @Override
  void markdown(MarkdownText out) {
    for (MemoryPage page : pages) {
      out.heading(3, page.title());
      if (!page.description().isEmpty()) {
        out.paragraph(page.description());
      }
      page.entries().forEach(entry -> entry(out, entry));
      out.blank();
    }
  }

  private static void entry(MarkdownText out, MemoryEntryView entry) {
    StringBuilder line = new StringBuilder();
    line.append("**#").append(Numbers.whole(entry.index())).append("** chosen ");
    line.append(Numbers.whole(entry.useCount())).append("×: ");
    line.append(entry.tokens().isEmpty() ? "a vector" : text(entry, TokenChange::current));
    if (entry.changedTokens() > 0) {
      line.append(", before ").append(text(entry, TokenChange::initial));
    }
    out.rawItem(line.toString());
    for (ContextView context : entry.contexts()) {
      out.rawSubItem(
          Numbers.fixed(context.weight(), 2)
              + " "
              // In bold the sign of a token that is punctuation would show its asterisks.
              + MarkdownText.escape(
                  context.before() + "▸" + context.token() + "◂" + context.after()));
    }
  }

  private static String text(MemoryEntryView entry, Function<TokenChange, String> side) {
    return MarkdownText.code(entry.tokens().stream().map(side).collect(Collectors.joining()));
  }
}
