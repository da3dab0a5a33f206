// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.memory;

import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Numbers;

/** The entries of a memory, each as a card: its tokens before and now, and where it was chosen. */
public final class MemorySection {
  private MemorySection() {}

  /** Writes a page: a card for each entry. */
  public static void render(Markup html, MemoryPage page) {
    html.open("div", "class", "page").leaf("h3", page.title());
    if (!page.description().isEmpty()) {
      html.leaf("p", page.description(), "class", "hint");
    }
    if (page.entries().isEmpty()) {
      html.leaf("p", "No entries.", "class", "none");
    }
    html.open("div", "class", "entries");
    page.entries().forEach(entry -> entry(html, entry));
    html.close().close();
  }

  /** Tells how to read the cards. */
  public static void legend(Markup html) {
    html.open("p", "class", "hint");
    html.text("Each box is one token: ").leaf("span", "kept", "class", "token");
    html.text(" was there before training, ").leaf("span", "old", "class", "token old");
    html.text(" was replaced by ").leaf("span", "new", "class", "token new");
    html.text("; ").leaf("i", "␣", "class", "ws").text(" is a space, ");
    html.leaf("i", "⏎", "class", "ws").text(" a line break. Below it, places where the entry was ");
    html.text("chosen and the weight that it got there.").close();
  }

  private static void entry(Markup html, MemoryEntryView entry) {
    html.open("article", "class", "entry").open("h4");
    html.leaf("span", "#" + Numbers.whole(entry.index()), "class", "index");
    html.leaf("span", "chosen " + Numbers.whole(entry.useCount()) + "×");
    if (!entry.tokens().isEmpty()) {
      html.leaf("span", changes(entry), "class", "changes");
    }
    html.close();
    tokens(html, entry);
    if (!entry.contexts().isEmpty()) {
      html.open("ul", "class", "contexts");
      entry.contexts().forEach(context -> context(html, context));
      html.close();
    }
    html.close();
  }

  private static String changes(MemoryEntryView entry) {
    long changed = entry.changedTokens();
    return changed == 0
        ? "unchanged"
        : changed + " of " + entry.tokens().size() + " tokens changed";
  }

  private static void tokens(Markup html, MemoryEntryView entry) {
    if (entry.tokens().isEmpty()) {
      html.leaf("p", "This entry holds a vector, no tokens.", "class", "none");
      return;
    }
    html.open("div", "class", "scroll", "tabindex", "0").open("table", "class", "tokens");
    if (entry.changedTokens() > 0) {
      html.open("tr").leaf("th", "before", "scope", "row");
      for (TokenChange token : entry.tokens()) {
        token(html, token.initial(), token.changed() ? "token old" : "token");
      }
      html.close();
    }
    html.open("tr").leaf("th", "now", "scope", "row");
    for (TokenChange token : entry.tokens()) {
      token(html, token.current(), token.changed() ? "token new" : "token");
    }
    html.close().close().close();
  }

  private static void token(Markup html, String text, String kind) {
    html.open("td").open("span", "class", kind);
    TokenText.write(html, text);
    html.close().close();
  }

  private static void context(Markup html, ContextView context) {
    html.open("li").open("span", "class", "passage").text(context.before());
    html.open("mark");
    TokenText.write(html, context.token());
    html.close().text(context.after()).close();
    html.leaf("span", Numbers.fixed(context.weight(), 2), "class", "weight", "title", "weight");
    html.close();
  }
}
