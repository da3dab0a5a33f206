// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mneme.model.io.AtomicFile;

/**
 * Writes a {@link Report} as one HTML file: no script, no network, no other file. It follows the
 * reader's light or dark theme and the width of the screen. The same report gives the same bytes.
 */
public final class HtmlReport {
  private HtmlReport() {}

  /**
   * Writes the report, replacing the file in one step.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Report report, Path file) throws IOException {
    AtomicFile.writeString(file, render(report));
  }

  /** The HTML of the report. */
  public static String render(Report report) {
    Markup html = new Markup();
    html.open("html", "lang", "en").open("head").empty("meta", "charset", "utf-8");
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    html.leaf("title", report.title()).style(styleSheet()).close();
    html.open("body").open("main");
    heading(html, report);
    if (report.runs().isEmpty()) {
      html.leaf("p", "There are no runs to show.", "class", "none");
    } else {
      results(html, report);
      curves(html, report);
      memory(html, report);
      samples(html, report);
      settings(html, report);
    }
    origin(html, report);
    html.close().close().close();
    return html.finish();
  }

  private static void heading(Markup html, Report report) {
    html.open("header").leaf("h1", report.title());
    if (!report.subtitle().isEmpty()) {
      html.leaf("p", report.subtitle(), "class", "subtitle");
    }
    report.introduction().forEach(paragraph -> html.leaf("p", paragraph, "class", "introduction"));
    html.close();
  }

  private static void results(Markup html, Report report) {
    section(html, "results", "Results");
    tiles(html, report);
    HtmlTable.render(html, ComparisonTables.results(report));
    html.open("p", "class", "hint");
    html.text("The best of a column is ").leaf("strong", "marked", "class", "best").text(". ");
    html.text("Loss is cross-entropy on held-out text in nats per token, perplexity is e to it; ");
    html.text("speed is the median over training.").close().close();
  }

  /** The loss of each run in large figures. */
  private static void tiles(Markup html, Report report) {
    Table table = ComparisonTables.results(report);
    html.open("div", "class", "tiles");
    for (int i = 0; i < report.runs().size(); i++) {
      RunSummary run = report.runs().get(i);
      html.open("div", "class", "tile " + Palette.cssClass(i));
      html.leaf("p", run.label(), "class", "who");
      html.open("p", "class", "figure").text(Numbers.fixed(run.finalValidationLoss(), 3));
      html.text(" ").leaf("small", "nats");
      if (table.isBest(table.rows().get(i), 1)) {
        html.text(" ").leaf("span", "best", "class", "badge");
      }
      html.close().open("p", "class", "hint");
      html.text("perplexity " + Numbers.fixed(run.perplexity(), 1));
      double below = report.unigramEntropy() - run.finalValidationLoss();
      if (Double.isFinite(below)) {
        html.text(" · " + Numbers.fixed(Math.abs(below), 2) + (below < 0 ? " above" : " below"));
        html.text(" unigram");
      }
      html.close().close();
    }
    html.close();
  }

  private static void curves(Markup html, Report report) {
    section(html, "curves", "Curves");
    CurvesSection.render(html, report);
    html.open("p", "class", "hint");
    html.text("Bold training curves are moving averages over 4 % of the steps, faint ones the ");
    html.text("batches themselves. The unigram entropy is the loss of a model that knows how ");
    html.text("often each token occurs and nothing else.").close().close();
  }

  private static void memory(Markup html, Report report) {
    Table usage = ComparisonTables.memoryUsage(report);
    boolean pages = report.runs().stream().anyMatch(run -> !run.pages().isEmpty());
    if (usage.rows().isEmpty() && !pages) {
      return;
    }
    section(html, "memory", "Memory");
    if (!usage.rows().isEmpty()) {
      HtmlTable.render(html, usage);
    }
    if (pages) {
      MemorySection.legend(html);
    }
    for (RunSummary run : report.runs()) {
      for (MemoryPage page : run.pages()) {
        String title = run.label() + ": " + page.title();
        MemorySection.render(html, new MemoryPage(title, page.description(), page.entries()));
      }
    }
    html.close();
  }

  private static void samples(Markup html, Report report) {
    if (report.runs().stream().allMatch(run -> run.samples().isEmpty())) {
      return;
    }
    section(html, "samples", "Samples");
    SamplesSection.render(html, report.runs());
    html.close();
  }

  private static void settings(Markup html, Report report) {
    Table settings = ComparisonTables.settings(report);
    if (settings.rows().isEmpty()) {
      return;
    }
    section(html, "settings", "Settings");
    HtmlTable.render(html, settings);
    html.close();
  }

  private static void origin(Markup html, Report report) {
    Map<String, String> environment = report.environment();
    List<String> commands = report.reproduce();
    if (environment.isEmpty() && commands.isEmpty()) {
      return;
    }
    section(html, "origin", "Where this comes from");
    if (!commands.isEmpty()) {
      html.leaf("p", "To make it again:", "class", "hint");
      html.open("pre").leaf("code", String.join("\n", commands)).close();
    }
    html.open("dl");
    environment.forEach((key, value) -> html.leaf("dt", key).leaf("dd", value));
    html.close().close();
  }

  private static void section(Markup html, String id, String title) {
    html.open("section", "id", id).leaf("h2", title);
  }

  private static String styleSheet() {
    try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("report.css: cannot be read from the class path", e);
    }
  }
}
