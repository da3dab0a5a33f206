// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mneme.eval.record.RecordedRun;
import org.mneme.eval.record.RunComparison;
import org.mneme.eval.record.RunGroup;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.document.Document;
import org.mneme.eval.report.document.Document.Section;
import org.mneme.eval.report.markup.MarkdownTable;
import org.mneme.eval.report.memory.MemoryPage;

/** The comparison of the systems of a study: that of its runs, with what the study tells. */
final class StudyReport {
  private final StudyConfig config;
  private final List<PlannedSystem> systems;
  private final String texts;
  private final RunComparison comparison;
  private final List<String> failures;

  /**
   * A comparison.
   *
   * @param systems what was trained
   * @param texts what was learned from, in a sentence
   * @param runs folders of the runs that were finished, at least one
   * @param failures what failed, a line for each run
   */
  StudyReport(
      StudyConfig config,
      List<PlannedSystem> systems,
      String texts,
      List<Path> runs,
      List<String> failures) {
    this.config = config;
    this.systems = systems;
    this.texts = texts;
    this.comparison =
        new RunComparison(config.name(), runs.stream().map(RecordedRun::read).toList());
    this.failures = failures;
  }

  /** The results in Markdown, which is also for a console. */
  String results() {
    return MarkdownTable.render(comparison.results());
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
    sections.add(new Section("trained", "What was trained", List.of(Block.definitions(labels()))));
    sections.addAll(comparison.document().sections());
    List<Block> entries = entries();
    if (!entries.isEmpty()) {
      sections.add(new Section("entries", "Entries of memories", entries));
    }
    if (!failures.isEmpty()) {
      sections.add(new Section("failures", "Runs that failed", List.of(Block.code(failures))));
    }
    return new Document(config.name(), texts, List.of(config.question()), sections);
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    systems.forEach(system -> labels.put(system.name(), system.inWords()));
    return labels;
  }

  /** What stands in the memory of the first run of each system. */
  private List<Block> entries() {
    List<Block> blocks = new ArrayList<>();
    for (RunGroup group : comparison.groups()) {
      List<MemoryPage> pages = group.first().findings().memoryPages();
      if (!pages.isEmpty()) {
        blocks.add(Block.heading(group.label()));
        blocks.add(Block.memoryPages(pages));
      }
    }
    return blocks;
  }
}
