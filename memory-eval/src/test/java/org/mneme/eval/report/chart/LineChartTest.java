// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mneme.eval.report.markup.Markup;

class LineChartTest {
  private static final Series FALLING =
      new Series(new double[] {0, 1, 2, 3, 4}, new double[] {8.5, 3.5, 3, 2.5, 2.5});

  private static LineChart chart() {
    return new LineChart("Loss", "tokens", "nats")
        .add(new LineChart.Line("a", "a", 0, FALLING).dotted());
  }

  private static String html(LineChart chart) {
    Markup html = new Markup();
    chart.render(html);
    return html.finish();
  }

  private static int count(String text, String part) {
    return text.split(part, -1).length - 1;
  }

  @Test
  void aHighBeginningIsLeftOutAndTold() {
    String cut = html(chart().withoutHighBeginning());
    assertThat(cut).contains("Begins above, at up to 8.50.").contains("a: 3.50");
    // Four points, and the end once more; the table has all values.
    assertThat(count(cut, "<circle")).isEqualTo(5);
    assertThat(count(cut, "8.50")).isEqualTo(2);
  }

  @Test
  void everythingIsShownOtherwise() {
    String all = html(chart());
    assertThat(all).doesNotContain("Begins above").contains("a: 8.50");
    assertThat(count(all, "<circle")).isEqualTo(6);
  }
}
