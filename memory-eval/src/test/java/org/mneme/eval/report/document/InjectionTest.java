// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.commonmark.ext.autolink.AutolinkExtension;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.CustomNode;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.LinkReferenceDefinition;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.node.ThematicBreak;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.eval.report.document.Document.Section;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Row;
import org.mneme.eval.report.markup.VisibleText;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * Text of data, models and configurations stays text: read by a parser of CommonMark with tables
 * and automatic links, a report has no link, image or HTML that the text has brought.
 */
class InjectionTest {
  private static final int INPUTS = 20_000;
  private static final Parser PARSER =
      Parser.builder()
          .extensions(List.of(TablesExtension.create(), AutolinkExtension.create()))
          .build();
  private static final String[] PIECES = {
    "[",
    "]",
    "(",
    ")",
    "!",
    "<",
    ">",
    "`",
    "``",
    "\\",
    "|",
    "\n",
    "\r",
    "\t",
    " ",
    "    ",
    "#",
    "*",
    "**",
    "_",
    "__",
    "~",
    "~~",
    "&amp;",
    "&#60;",
    "&",
    "-",
    "=",
    "+",
    "1.",
    "7)",
    "---",
    "***",
    "===",
    "```",
    "~~~",
    "\"",
    "'",
    "[x](javascript:alert(1))",
    "![p](http://h.example/p.png)",
    "<script>",
    "<!--",
    "-->",
    "</p>",
    "<b a='",
    "<http://a.example>",
    "http://a.example/b?c=d",
    "www.b.example",
    "HTTPS://C.EXAMPLE",
    "ftp://d.example",
    "mailto:e@f.example",
    "e@f.example",
    "@",
    "://",
    "www.",
    "[^1]",
    "[^1]: n",
    "[r]: http://r.example",
    "$x$",
    "\u202e",
    "\u2066",
    "\u001b[31m",
    "\u0000",
    "\u0085",
    "\u009b",
    "\u2028",
    "\ud800",
    "\u00a0",
    "\u200b",
    "😀",
    "字",
    "é",
    "a",
    "B",
    "7",
    "word"
  };

  private static String random(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  private static String normal(String text) {
    return VisibleText.of(text).replaceAll("[\\s\\u00a0\\u2028\\u2029]+", " ").strip();
  }

  /** What a parser finds in a document. */
  private static final class Found extends AbstractVisitor {
    private final StringBuilder text = new StringBuilder();
    private final List<String> cells = new ArrayList<>();
    private final Set<String> kinds = new TreeSet<>();

    static Found in(String markdown) {
      Found found = new Found();
      PARSER.parse(markdown).accept(found);
      return found;
    }

    private void refuse(Node node) {
      kinds.add(node.getClass().getSimpleName());
      visitChildren(node);
    }

    @Override
    public void visit(Text node) {
      text.append(node.getLiteral());
    }

    @Override
    public void visit(Code node) {
      text.append(node.getLiteral());
    }

    @Override
    public void visit(FencedCodeBlock node) {
      text.append(node.getLiteral());
    }

    @Override
    public void visit(CustomNode node) {
      if (node instanceof TableCell) {
        int from = text.length();
        visitChildren(node);
        cells.add(text.substring(from));
      } else {
        visitChildren(node);
      }
    }

    @Override
    public void visit(CustomBlock node) {
      kinds.add(node instanceof TableBlock ? "table" : node.getClass().getSimpleName());
      visitChildren(node);
    }

    @Override
    public void visit(Link node) {
      refuse(node);
    }

    @Override
    public void visit(Image node) {
      refuse(node);
    }

    @Override
    public void visit(HtmlInline node) {
      refuse(node);
    }

    @Override
    public void visit(HtmlBlock node) {
      refuse(node);
    }

    @Override
    public void visit(IndentedCodeBlock node) {
      refuse(node);
    }

    @Override
    public void visit(ThematicBreak node) {
      refuse(node);
    }

    @Override
    public void visit(LinkReferenceDefinition node) {
      refuse(node);
    }
  }

  /** The ways in which text comes into a document. */
  private enum Way {
    HEADING {
      @Override
      void write(MarkdownText out, String text) {
        out.heading(2, text);
      }
    },
    PARAGRAPH {
      @Override
      void write(MarkdownText out, String text) {
        out.paragraph(text);
      }
    },
    ITEM {
      @Override
      void write(MarkdownText out, String text) {
        out.item(text);
      }
    },
    QUOTE {
      @Override
      void write(MarkdownText out, String text) {
        out.quote(text);
      }
    },
    CODE {
      @Override
      void write(MarkdownText out, String text) {
        out.rawItem(MarkdownText.code(text));
      }
    },
    FENCED {
      @Override
      void write(MarkdownText out, String text) {
        out.fenced(List.of(text));
      }
    };

    abstract void write(MarkdownText out, String text);
  }

  private static void holdAsText(String text) {
    for (Way way : Way.values()) {
      MarkdownText out = new MarkdownText();
      way.write(out, text);
      Found found = Found.in(out.finish());
      String read = way == Way.CODE ? found.text.toString().replace("⏎", " ") : "" + found.text;
      assertThat(normal(read)).as("%s of <%s>", way, text).isEqualTo(normal(text));
      assertThat(found.kinds).as("%s of <%s>", way, text).isEmpty();
    }
    Table table =
        new Table(
            List.of(Column.words("first"), Column.words(text)),
            List.of(new Row(List.of(Cell.of(text), Cell.of("end")), -1, false)));
    MarkdownText out = new MarkdownText();
    out.table(table);
    Found found = Found.in(out.finish());
    assertThat(found.cells.stream().map(InjectionTest::normal))
        .as("table of <%s>", text)
        .containsExactly("first", normal(text), normal(text), "end");
    assertThat(found.kinds).as("table of <%s>", text).containsExactly("table");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[x](javascript:alert(1))",
        "![p](http://h.example/p.png)",
        "<img src=x onerror=alert(1)>",
        "see http://a.example/b and www.b.example or e@f.example",
        "a | b\n| - | - |",
        "`` ` ``",
        "trailing \\",
        "# no heading #",
        "[^1]: note",
        "\u001b]0;title\u0007 \u202eabc",
        "1. not a list",
        "@@www.://",
      })
  void textIsNoMarkup(String text) {
    holdAsText(text);
  }

  @Test
  void randomTextIsNoMarkup() {
    Random random = new Random(12);
    for (int i = 0; i < INPUTS; i++) {
      holdAsText(random(random));
    }
  }

  /** As XML, which our HTML also is, every element of a page is one of ours. */
  @Test
  void randomTextIsNoHtml() throws IOException, SAXException, ParserConfigurationException {
    Random random = new Random(13);
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < INPUTS; i++) {
      texts.add(random(random));
    }
    Document document =
        new Document(
            texts.get(0),
            texts.get(1),
            List.of(texts.get(2)),
            List.of(
                new Section(
                    "s",
                    texts.get(3),
                    List.of(
                        Block.list(texts),
                        Block.definitions(Map.of(texts.get(4), texts.get(5)))))));
    String html = document.html().replaceFirst("<!DOCTYPE html>", "");
    org.w3c.dom.Document page =
        factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    NodeList items =
        ((org.w3c.dom.Element) page.getElementsByTagName("main").item(0))
            .getElementsByTagName("ul");
    NodeList lines = ((org.w3c.dom.Element) items.item(0)).getElementsByTagName("li");
    assertThat(lines.getLength()).isEqualTo(INPUTS);
    for (int i = 0; i < INPUTS; i++) {
      assertThat(normal(lines.item(i).getTextContent())).isEqualTo(normal(texts.get(i)));
      assertThat(lines.item(i).getChildNodes().getLength()).isLessThanOrEqualTo(1);
    }
    for (String tag : List.of("script", "img", "b", "iframe", "object")) {
      assertThat(page.getElementsByTagName(tag).getLength()).as(tag).isZero();
    }
  }
}
