// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.mneme.eval.report.markup.Markup;

/** Writes a {@link Document} as one HTML page. */
final class HtmlPage {
  /** From so many sections on there is a list of them to jump from. */
  private static final int MANY_SECTIONS = 8;

  private HtmlPage() {}

  static String render(Document document) {
    Markup html = new Markup();
    html.open("html", "lang", "en").open("head").empty("meta", "charset", "utf-8");
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    html.leaf("title", document.title()).style(styleSheet()).close();
    html.open("body").open("main");
    heading(html, document);
    document.sections().forEach(section -> section(html, section));
    html.close().close().close();
    return html.finish();
  }

  private static void heading(Markup html, Document document) {
    html.open("header").leaf("h1", document.title());
    if (!document.subtitle().isEmpty()) {
      html.leaf("p", document.subtitle(), "class", "subtitle");
    }
    for (String paragraph : document.introduction()) {
      html.leaf("p", paragraph, "class", "introduction");
    }
    html.close();
    if (document.sections().size() >= MANY_SECTIONS) {
      html.open("nav", "aria-label", "Sections").open("ul");
      for (Document.Section section : document.sections()) {
        html.open("li").leaf("a", section.title(), "href", "#" + section.id()).close();
      }
      html.close().close();
    }
  }

  private static void section(Markup html, Document.Section section) {
    html.open("section", "id", section.id()).leaf("h2", section.title());
    section.blocks().forEach(block -> block.html(html));
    html.close();
  }

  private static String styleSheet() {
    try (InputStream css = HtmlPage.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("report.css: cannot be read from the class path", e);
    }
  }
}
