// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.mneme.eval.report.chart.LineChart;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Document.Section;
import org.mneme.eval.report.memory.ContextView;
import org.mneme.eval.report.memory.MemoryEntryView;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.eval.report.memory.TokenChange;
import org.xml.sax.InputSource;

class DocumentTest {
  private static Document of(Block... blocks) {
    return new Document("T", "", List.of(), List.of(new Section("s", "S", List.of(blocks))));
  }

  private static org.w3c.dom.Document parse(Document document) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(document.html())));
  }

  @Test
  void everyBlockIsMarkdown() {
    Document document =
        of(
            Block.paragraph("Two\nlines"),
            Block.heading("Part"),
            Block.list(List.of("one", "- two", "3. three")),
            Block.definitions(Map.of("device", "cpu")),
            Block.tiles(List.of(new Tile("loss", 0, "4.2", "nats", "met", "goal 4.5"))),
            Block.code(List.of("./mneme train", "```")));
    assertThat(document.markdown())
        .isEqualTo(
            """
            # T

            ## S

            Two lines

            ### Part

            - one
            - \\- two
            - 3\\. three

            - device: cpu

            - loss: 4.2 nats (met); goal 4.5

            ````
            ./mneme train
            ```
            ````
            """);
  }

  @Test
  void nothingThatAModelSaysBecomesMarkdown() {
    Samples run = new Samples("r", List.of(new Sample("# a", " *b* <img>\n> c")));
    MemoryEntryView entry =
        new MemoryEntryView(
            7,
            1200,
            List.of(TokenChange.of("`", "a`b\n")),
            List.of(new ContextView("x*", " y", "<z>", 0.5)));
    String markdown =
        of(
                Block.samples(List.of(run)),
                Block.memoryPages(List.of(new MemoryPage("m", "", List.of(entry)))))
            .markdown();
    assertThat(markdown)
        .contains("> \\# a \\*b\\* \\<img> > c\n")
        .contains("- **#7** chosen 1,200×: ``a`b⏎``, before `` ` ``\n")
        .contains("  - 0.50 x\\*▸ y◂\\<z>\n");
  }

  @Test
  void chartsAreTablesOfSomeOfTheirValues() {
    double[] x = new double[40];
    double[] y = new double[40];
    for (int i = 0; i < 40; i++) {
      x[i] = 1000.0 * (i + 1);
      y[i] = 8 - 0.1 * i;
    }
    LineChart chart = new LineChart("Loss", "tokens", "nats");
    chart.add(new LineChart.Line("a", "run a", 0, new Series(x, y)));
    chart.add(
        new LineChart.Line(
            "b", "run b", 1, new Series(new double[] {10_000, 30_000}, new double[] {7, 5})));
    assertThat(of(Block.charts(List.of(chart))).markdown())
        .contains("| tokens | run a (nats) | run b (nats) |")
        .contains("|   4.0k |         7.70 |            – |")
        .contains("|  20.0k |         6.10 |         6.00 |")
        .contains("|  40.0k |         4.10 |            – |");
    assertThat(of(Block.charts(List.of(new LineChart("Empty", "x", "y")))).markdown())
        .contains("Nothing was measured.");
  }

  @Test
  void aBandIsOneClosedShape() throws Exception {
    Series mean = new Series(new double[] {1, 2}, new double[] {3, 2});
    LineChart chart = new LineChart("Loss", "tokens", "nats");
    chart.add(
        new LineChart.Line("a", "a", 0, mean).within(mean.mapY(v -> v - 1), mean.mapY(v -> v + 1)));
    var paths = parse(of(Block.charts(List.of(chart)))).getElementsByTagName("path");
    assertThat(paths.item(0).getAttributes().getNamedItem("class").getNodeValue())
        .isEqualTo("band c0");
    assertThat(paths.item(0).getAttributes().getNamedItem("d").getNodeValue())
        .matches("M[^MLZ]+L[^MLZ]+L[^MLZ]+L[^MLZ]+Z");
  }

  @Test
  void longDocumentsHaveLinksToTheirSections() throws Exception {
    List<Section> sections =
        IntStream.range(0, 9)
            .mapToObj(i -> new Section("s" + i, "S" + i, List.of(Block.missing("nothing"))))
            .toList();
    var page = parse(new Document("T", "sub", List.of("why"), sections));
    assertThat(page.getElementsByTagName("a").getLength()).isEqualTo(9);
    assertThat(parse(of()).getElementsByTagName("nav").getLength()).isZero();
  }
}
