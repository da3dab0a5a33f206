// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What each run wrote after each prompt, side by side. */
final class SamplesSection {
  private SamplesSection() {}

  static void render(Markup html, List<RunSummary> runs) {
    Set<String> prompts = new LinkedHashSet<>();
    runs.forEach(run -> run.samples().forEach(sample -> prompts.add(sample.prompt())));
    for (String prompt : prompts) {
      html.open("div", "class", "samples");
      html.leaf("h3", prompt.isBlank() ? "(no prompt)" : prompt, "class", "prompt");
      html.open("div", "class", "columns");
      for (int i = 0; i < runs.size(); i++) {
        for (Sample sample : runs.get(i).samples()) {
          if (sample.prompt().equals(prompt)) {
            sample(html, runs.get(i), i, sample);
          }
        }
      }
      html.close().close();
    }
  }

  private static void sample(Markup html, RunSummary run, int color, Sample sample) {
    html.open("article", "class", "sample").open("h4");
    html.open("i", "class", "key " + Palette.cssClass(color)).close().text(run.label()).close();
    html.open("p").leaf("span", sample.prompt(), "class", "given").text(sample.text()).close();
    html.close();
  }
}
