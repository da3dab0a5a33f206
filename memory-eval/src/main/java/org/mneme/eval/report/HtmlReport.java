// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.document.Document;
import org.mneme.eval.report.document.Document.Section;
import org.mneme.eval.report.document.Samples;
import org.mneme.eval.report.document.Tile;
import org.mneme.eval.report.markup.Numbers;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.memory.MemoryPage;

/** Writes a {@link Report} as a {@link Document}. */
public final class HtmlReport {
  private HtmlReport() {}

  /**
   * Writes the report as HTML, replacing the file in one step.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Report report, Path file) throws IOException {
    document(report).writeHtml(file);
  }

  /** The HTML of the report. */
  public static String render(Report report) {
    return document(report).html();
  }

  private static Document document(Report report) {
    List<Section> sections = new ArrayList<>();
    if (report.runs().isEmpty()) {
      add(sections, "results", "Results", List.of(Block.missing("There are no runs to show.")));
    } else {
      add(sections, "results", "Results", results(report));
      add(sections, "curves", "Curves", curves(report));
      add(sections, "memory", "Memory", memory(report));
      add(sections, "samples", "Samples", samples(report));
      add(sections, "settings", "Settings", settings(report));
    }
    add(sections, "origin", "Where this comes from", origin(report));
    return new Document(report.title(), report.subtitle(), report.introduction(), sections);
  }

  private static void add(List<Section> sections, String id, String title, List<Block> blocks) {
    if (!blocks.isEmpty()) {
      sections.add(new Section(id, title, blocks));
    }
  }

  private static List<Block> results(Report report) {
    Table table = ComparisonTables.results(report);
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i < report.runs().size(); i++) {
      RunSummary run = report.runs().get(i);
      tiles.add(
          new Tile(
              run.label(),
              i,
              Numbers.fixed(run.finalValidationLoss(), 3),
              "nats",
              table.isBest(table.rows().get(i), 1) ? "best" : "",
              hint(run, report.unigramEntropy())));
    }
    return List.of(
        Block.tiles(tiles),
        Block.table(table),
        Block.hint(
            "The best of a column is marked. Loss is cross-entropy on held-out text in nats per"
                + " token, perplexity is e to it; speed is the median over training."));
  }

  private static String hint(RunSummary run, double unigramEntropy) {
    String perplexity = "perplexity " + Numbers.fixed(run.perplexity(), 1);
    double below = unigramEntropy - run.finalValidationLoss();
    return Double.isFinite(below)
        ? perplexity
            + " · "
            + Numbers.fixed(Math.abs(below), 2)
            + (below < 0 ? " above unigram" : " below unigram")
        : perplexity;
  }

  private static List<Block> curves(Report report) {
    return List.of(
        Block.charts(CurvesSection.charts(report)),
        Block.hint(
            "Bold training curves are moving averages over 4 % of the steps, faint ones the"
                + " batches themselves. The unigram entropy is the loss of a model that knows how"
                + " often each token occurs and nothing else."));
  }

  private static List<Block> memory(Report report) {
    List<Block> blocks = new ArrayList<>();
    Table usage = ComparisonTables.memoryUsage(report);
    if (!usage.rows().isEmpty()) {
      blocks.add(Block.table(usage));
    }
    List<MemoryPage> pages = new ArrayList<>();
    for (RunSummary run : report.runs()) {
      for (MemoryPage page : run.pages()) {
        String title = run.label() + ": " + page.title();
        pages.add(new MemoryPage(title, page.description(), page.entries()));
      }
    }
    if (!pages.isEmpty()) {
      blocks.add(Block.memoryPages(pages));
    }
    return blocks;
  }

  private static List<Block> samples(Report report) {
    boolean none = report.runs().stream().allMatch(run -> run.samples().isEmpty());
    List<Samples> samples =
        report.runs().stream().map(run -> new Samples(run.label(), run.samples())).toList();
    return none ? List.of() : List.of(Block.samples(samples));
  }

  private static List<Block> settings(Report report) {
    Table settings = ComparisonTables.settings(report);
    return settings.rows().isEmpty() ? List.of() : List.of(Block.table(settings));
  }

  private static List<Block> origin(Report report) {
    List<Block> blocks = new ArrayList<>();
    if (!report.reproduce().isEmpty()) {
      blocks.add(Block.hint("To make it again:"));
      blocks.add(Block.code(report.reproduce()));
    }
    if (!report.environment().isEmpty()) {
      blocks.add(Block.definitions(report.environment()));
    }
    return blocks;
  }
}
