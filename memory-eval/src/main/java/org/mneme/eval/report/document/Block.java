// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import java.util.Map;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Table;
import org.mneme.eval.report.memory.MemoryPage;

/** A piece of a {@link Document}, which can be written as HTML and as Markdown. */
public abstract class Block {
  Block() {}

  abstract void html(Markup html);

  abstract void markdown(MarkdownText out);

  /** A paragraph. */
  public static Block paragraph(String text) {
    return new TextBlock(text, "introduction");
  }

  /** A remark that explains what stands above it. */
  public static Block hint(String text) {
    return new TextBlock(text, "hint");
  }

  /** What is not there, and why. */
  public static Block missing(String text) {
    return new TextBlock(text, "none");
  }

  /** A heading below that of the section. */
  public static Block heading(String text) {
    return new HeadingBlock(text);
  }

  /** Items, in this order. */
  public static Block list(List<String> items) {
    return new ListBlock(items);
  }

  /** Names and what they stand for, in the order of the map. */
  public static Block definitions(Map<String, String> values) {
    return new DefinitionsBlock(values);
  }

  /** A table. */
  public static Block table(Table table) {
    return new TableBlock(table);
  }

  /** A few results in large figures. */
  public static Block tiles(List<Tile> tiles) {
    return new TilesBlock(tiles);
  }

  /** Charts, side by side where there is room. */
  public static Block charts(List<LineChart> charts) {
    return new ChartsBlock(charts);
  }

  /** Lines for a shell. */
  public static Block code(List<String> lines) {
    return new CodeBlock(lines);
  }

  /** What each run wrote after each prompt, side by side. */
  public static Block samples(List<Samples> runs) {
    return new SamplesBlock(runs);
  }

  /** Entries of memories as a person can read them. */
  public static Block memoryPages(List<MemoryPage> pages) {
    return new MemoryPagesBlock(pages);
  }
}
