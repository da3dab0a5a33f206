// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.report.Block;
import org.mneme.eval.report.Document;
import org.mneme.eval.report.Document.Section;
import org.mneme.eval.report.MarkdownTable;
import org.mneme.eval.report.Table;

/** The comparison of the systems of a study, as a document. */
final class StudyReport {
  private final StudyConfig config;
  private final StudyTables tables;
  private final String texts;
  private final List<String> failures;

  /**
   * A comparison.
   *
   * @param texts what was learned from, in a sentence
   * @param failures what failed, a line for each run
   */
  StudyReport(
      StudyConfig config, List<SystemResults> systems, String texts, List<String> failures) {
    this.config = config;
    this.tables = new StudyTables(systems);
    this.texts = texts;
    this.failures = failures;
  }

  /** The tables in Markdown, which is also for a console. */
  String tables() {
    StringBuilder text = new StringBuilder();
    for (Table table : all()) {
      text.append(MarkdownTable.render(table)).append('\n');
    }
    return text.toString();
  }

  private List<Table> all() {
    return config.data().facts() == null
        ? List.of(tables.losses(), tables.use())
        : List.of(tables.losses(), tables.facts(), tables.use());
  }

  /**
   * Writes {@code study.md} and {@code study.html} into a folder.
   *
   * @return the latter
   */
  Path write(Path folder) throws IOException {
    Document document = document();
    document.writeMarkdown(folder.resolve("study.md"));
    Path html = folder.resolve("study.html");
    document.writeHtml(html);
    return html;
  }

  private Document document() {
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section(
            "losses",
            "Losses and what they took",
            List.of(
                Block.table(tables.losses()),
                Block.hint(
                    "Mean ± standard deviation over n seeds. The loss is that of held-out text;"
                        + " what reads are worth is the loss with all reads from the memory set to"
                        + " zero less the loss with them. Operations are those of matrix"
                        + " products."))));
    if (config.data().facts() != null) {
      sections.add(
          new Section(
              "facts",
              "Facts",
              List.of(
                  Block.table(tables.facts()),
                  Block.hint(
                      "Share of the questions about biographies that are answered exactly, in words"
                          + " that the biographies use and in words that they do not."))));
    }
    sections.add(new Section("use", "Memory and text", List.of(Block.table(tables.use()))));
    if (!failures.isEmpty()) {
      sections.add(new Section("failures", "Runs that failed", List.of(Block.code(failures))));
    }
    return new Document(config.name(), texts, List.of(config.question()), sections);
  }
}
