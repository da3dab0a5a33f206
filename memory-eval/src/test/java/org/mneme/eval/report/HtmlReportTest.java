// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Sample;
import org.mneme.eval.report.memory.ContextView;
import org.mneme.eval.report.memory.MemoryEntryView;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.eval.report.memory.TokenChange;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
  @TempDir Path folder;

  /** Parses the page as XML, which is stricter than any browser. */
  private static Document parse(Report report) throws Exception {
    String html = HtmlReport.render(report);
    assertThat(html).startsWith("<!DOCTYPE html>\n<html lang=\"en\">");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document page, String tag, String cssClass) {
    List<Element> found = new ArrayList<>();
    NodeList all = page.getElementsByTagName(tag);
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      if (cssClass == null
          || List.of(element.getAttribute("class").split(" ")).contains(cssClass)) {
        found.add(element);
      }
    }
    return found;
  }

  private static List<String> texts(List<Element> elements) {
    return elements.stream().map(Element::getTextContent).toList();
  }

  @Test
  void showsEveryPart() throws Exception {
    Document page = parse(ReportFixture.full());
    assertThat(texts(elements(page, "h2", null)))
        .containsExactly(
            "Results", "Curves", "Memory", "Samples", "Settings", "Where this comes from");
    assertThat(elements(page, "svg", null)).hasSize(4);
    assertThat(texts(elements(page, "p", "figure")))
        .containsExactly("4.216 nats best", "4.394 nats", "4.290 nats");
    assertThat(elements(page, "article", "entry")).hasSize(4);
    assertThat(elements(page, "article", "sample")).hasSize(6);
    String text = page.getDocumentElement().getTextContent();
    assertThat(text)
        .contains("WordNet 3.1 glosses")
        .contains("6.483")
        .contains("./mneme quickstart --seed 42")
        .contains("ND4J 1.0.0-M2.1")
        .contains("knowledge_num")
        .contains("unigram entropy 6.48");
  }

  @Test
  void bestValuesAreMarked() throws Exception {
    Document page = parse(ReportFixture.full());
    assertThat(texts(elements(page, "td", "best"))).contains("4.216", "67.8", "790");
    assertThat(texts(elements(page, "td", "best"))).doesNotContain("4.290", "4.394", "6.483");
  }

  @Test
  void curvesHaveAllTheirPoints() throws Exception {
    Document page = parse(ReportFixture.full());
    assertThat(elements(page, "path", "line")).hasSize(12);
    assertThat(elements(page, "path", "raw")).hasSize(3);
    assertThat(elements(page, "line", "reference")).hasSize(3);
    assertThat(elements(page, "circle", null)).hasSize(2 * 3 * 20 + 12);
    assertThat(texts(elements(page, "tspan", "value"))).contains("4.22", "4.29", "4.39");
    for (Element path : elements(page, "path", null)) {
      assertThat(path.getAttribute("d")).doesNotContain("NaN").doesNotContain("Infinity");
    }
  }

  @Test
  void changedTokensAreMarkedAndWhatHasNoInkIsShown() throws Exception {
    Document page = parse(ReportFixture.full());
    Element entry = elements(page, "article", "entry").get(0);
    assertThat(entry.getTextContent())
        .contains("#4,711")
        .contains("chosen 15,320×")
        .contains("3 of 8 tokens changed")
        .contains("any of several Old World trees having small flowers")
        .contains("0.62");
    List<String> old = texts(elements(page, "span", "old"));
    List<String> now = texts(elements(page, "span", "new"));
    assertThat(old).startsWith("old", "␣bird", "␣fin", "␣family").contains("⏎", "∅", "U+202Eabc");
    assertThat(now)
        .startsWith("new", "␣tree", "␣plant", "␣genus")
        .contains("⏎⏎", "&amp;")
        .as("half a character")
        .anyMatch(text -> text.startsWith("\\uD8"));
    assertThat(old).hasSameSizeAs(now);
  }

  @Test
  void nothingThatAModelSaysBecomesMarkup() throws Exception {
    String evil =
        "</script></title><b onclick=\"x\">'&amp;<img src=x onerror=alert(1)>\u0000\u202e";
    MemoryEntryView entry =
        new MemoryEntryView(
            1,
            1,
            List.of(TokenChange.of(evil, evil + "2")),
            List.of(new ContextView(evil, evil, evil, Double.NaN)));
    RunSummary run =
        RunSummary.named(evil, evil)
            .setting(evil, evil)
            .validationLoss(new Series(new double[] {1, 2}, new double[] {2, 1}))
            .samples(List.of(new Sample(evil, evil)))
            .pages(List.of(new MemoryPage(evil, evil, List.of(entry))))
            .build();
    Report report =
        new Report(evil, evil, List.of(evil), List.of(run), 5, Map.of(evil, evil), List.of(evil));
    Document page = parse(report);
    assertThat(elements(page, "b", null)).isEmpty();
    assertThat(elements(page, "img", null)).isEmpty();
    assertThat(elements(page, "script", null)).isEmpty();
    assertThat(texts(elements(page, "h1", null)).get(0)).contains("</script></title><b onclick");
    assertThat(HtmlReport.render(report)).doesNotContain("<b ").doesNotContain("<img");
  }

  @Test
  void needsNothingElse() {
    String html = HtmlReport.render(ReportFixture.full());
    assertThat(html)
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContain("url(")
        .doesNotContain("@import")
        .doesNotContain("<script")
        .doesNotContain("<link");
    assertThat(html).hasSizeLessThan(200_000);
  }

  @Test
  void isTheSameEveryTimeAndInEveryLocale() {
    String html = HtmlReport.render(ReportFixture.full());
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(HtmlReport.render(ReportFixture.full())).isEqualTo(html);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void oneRunWithoutMemory() throws Exception {
    Document page =
        parse(ReportFixture.report(List.of(ReportFixture.run("a", "plain", 4, 9000, 5))));
    assertThat(texts(elements(page, "h2", null))).doesNotContain("Memory");
    assertThat(elements(page, "td", "best")).as("nothing to compare with").isEmpty();
  }

  @Test
  void manyRunsHaveDistinctCurves() throws Exception {
    List<RunSummary> runs = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      runs.add(ReportFixture.run("run" + i, "run number " + i, 4 + 0.01 * i, 9000, i));
    }
    Document page = parse(ReportFixture.report(runs));
    Set<String> classes = new HashSet<>();
    elements(page, "path", "line").forEach(path -> classes.add(path.getAttribute("class")));
    assertThat(classes).hasSize(12);
  }

  @Test
  void emptyReportsAndValuesThatAreNotNumbers() throws Exception {
    Document none =
        parse(new Report("t", "", List.of(), List.of(), Double.NaN, Map.of(), List.of()));
    assertThat(none.getDocumentElement().getTextContent()).contains("There are no runs");

    RunSummary nothing =
        RunSummary.named("x", "not measured")
            .pages(List.of(new MemoryPage("most used", "", Collections.emptyList())))
            .build();
    double[] gaps = {Double.NaN, 3, Double.NaN, Double.POSITIVE_INFINITY, 2, 1};
    RunSummary broken =
        RunSummary.named("y", "diverged")
            .validationLoss(new Series(new double[] {0, 1, 2, 3, 4, 5}, gaps))
            .trainLoss(new Series(new double[] {7}, new double[] {7}))
            .usage(
                new MemoryUsage(
                    4, Double.NaN, 0, Double.NaN, Double.NaN, Double.NaN, 0, Double.NaN))
            .build();
    Document page =
        parse(
            new Report(
                "t", "", List.of(), List.of(nothing, broken), Double.NaN, Map.of(), List.of()));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("–")
        .contains("Nothing was measured.")
        .contains("No entries.")
        .doesNotContain("NaN")
        .doesNotContain("Infinity");
    String curve = elements(page, "path", "line").get(0).getAttribute("d");
    assertThat(curve.chars().filter(c -> c == 'M')).as("pieces around the gap").hasSize(2);
  }

  @Test
  void isWrittenAsAFile() throws IOException {
    Path file = folder.resolve("runs/quickstart/report.html");
    HtmlReport.write(ReportFixture.full(), file);
    assertThat(file).hasContent(HtmlReport.render(ReportFixture.full()));
  }
}
