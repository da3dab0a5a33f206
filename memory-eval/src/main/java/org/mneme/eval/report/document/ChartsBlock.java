// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** Charts; in Markdown, which has no drawings, tables of some of their values. */
final class ChartsBlock extends Block {
  private final List<LineChart> charts;

  ChartsBlock(List<LineChart> charts) {
    this.charts = List.copyOf(charts);
  }

  @Override
  void html(Markup html) {
    html.open("div", "class", "charts");
    charts.forEach(chart -> chart.render(html));
    html.close();
  }

  @Override
  void markdown(MarkdownText out) {
    for (LineChart chart : charts) {
      out.heading(3, chart.title());
      if (chart.isEmpty()) {
        out.paragraph("Nothing was measured.");
      } else {
        out.table(chart.values());
      }
    }
  }
}
