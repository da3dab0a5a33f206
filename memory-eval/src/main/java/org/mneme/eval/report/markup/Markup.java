// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Writes HTML and SVG that is also well-formed XML. All text and all attribute values are escaped
 * here, so that no caller can forget it.
 */
public final class Markup {
  private static final Set<String> ON_OWN_LINE =
      Set.of(
          "html", "head", "body", "style", "title", "header", "nav", "main", "section", "footer",
          "div", "p", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "figure", "ul", "ol",
          "li", "svg", "g", "pre", "dl", "article", "details");

  private final StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
  private final Deque<String> open = new ArrayDeque<>();

  /** Opens an element; {@code attributes} are names and values in turn, a null value leaves out. */
  public Markup open(String tag, String... attributes) {
    start(tag, attributes);
    out.append('>');
    open.push(tag);
    return this;
  }

  /** Closes the element that was opened last. */
  public Markup close() {
    String tag = open.pop();
    out.append("</").append(tag).append('>');
    if (ON_OWN_LINE.contains(tag)) {
      out.append('\n');
    }
    return this;
  }

  /** An element without content. */
  public Markup empty(String tag, String... attributes) {
    start(tag, attributes);
    out.append("/>");
    return this;
  }

  /** An element with text only. */
  public Markup leaf(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** Text, escaped. */
  public Markup text(String text) {
    escape(text);
    return this;
  }

  /** The style sheet, which is ours and must not hold anything that HTML or XML would interpret. */
  public Markup style(String css) {
    if (css.contains("<") || css.contains("&")) {
      throw new IllegalArgumentException("style sheet: found < or &, expected neither");
    }
    open("style");
    out.append('\n').append(css);
    return close();
  }

  /** The document. */
  public String finish() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("markup: found open elements " + open + ", expected none");
    }
    return out.toString();
  }

  private void start(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        out.append(' ').append(attributes[i]).append("=\"");
        escape(attributes[i + 1]);
        out.append('"');
      }
    }
  }

  private void escape(String text) {
    VisibleText.of(text)
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isCharacter(c) ? c : 0xfffd);
              }
            });
  }

  /** Whether XML 1.0 (production 2, Char) and HTML both allow it. */
  private static boolean isCharacter(int c) {
    if (c < 0x20) {
      return c == '\t' || c == '\n';
    }
    boolean control = c >= 0x7f && c <= 0x9f;
    boolean surrogate = c >= 0xd800 && c <= 0xdfff;
    boolean never = (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
    return !control && !surrogate && !never;
  }
}
