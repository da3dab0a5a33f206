// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.model.io.AtomicFile;

/**
 * A report apart from how it is written: as one HTML file (no script, no network, no other file;
 * light or dark and as wide as the reader's screen) or as Markdown. The same document gives the
 * same bytes.
 *
 * @param title the heading
 * @param subtitle one line below it; may be empty
 * @param introduction what it is about, one element for each paragraph
 * @param sections its parts, in the order in which they are shown
 */
public record Document(
    String title, String subtitle, List<String> introduction, List<Section> sections) {

  /**
   * A part.
   *
   * @param id a name that is unique in the document and fits a link
   * @param title its heading
   * @param blocks what it says
   */
  public record Section(String id, String title, List<Block> blocks) {
    /** Copies the list. */
    public Section {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(title, "title");
      blocks = List.copyOf(blocks);
    }
  }

  /** Copies the lists. */
  public Document {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(subtitle, "subtitle");
    introduction = List.copyOf(introduction);
    sections = List.copyOf(sections);
  }

  /**
   * Writes it as HTML, replacing the file in one step.
   *
   * @throws IOException if the file cannot be written
   */
  public void writeHtml(Path file) throws IOException {
    AtomicFile.writeString(file, html());
  }

  /**
   * Writes it as Markdown, replacing the file in one step.
   *
   * @throws IOException if the file cannot be written
   */
  public void writeMarkdown(Path file) throws IOException {
    AtomicFile.writeString(file, markdown());
  }

  /** The HTML, which is also well-formed XML. */
  public String html() {
    return HtmlPage.render(this);
  }

  /** The Markdown, with tables as GitHub has them. */
  public String markdown() {
    MarkdownText out = new MarkdownText();
    out.heading(1, title);
    if (!subtitle.isEmpty()) {
      out.paragraph(subtitle);
    }
    introduction.forEach(out::paragraph);
    for (Section section : sections) {
      out.heading(2, section.title());
      section.blocks().forEach(block -> block.markdown(out));
    }
    return out.finish();
  }
}
