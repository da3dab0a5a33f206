// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;
import org.mneme.eval.report.markup.Palette;

/** What each run wrote after each prompt, side by side. */
final class SamplesBlock extends Block {
  private final List<Samples> runs;

  SamplesBlock(List<Samples> runs) {
    this.runs = List.copyOf(runs);
  }

  @Override
  void html(Markup html) {
    for (String prompt : prompts()) {
      html.open("div", "class", "samples");
      html.leaf("h3", shown(prompt), "class", "prompt");
      html.open("div", "class", "columns");
      for (int i = 0; i < runs.size(); i++) {
        for (Sample sample : of(runs.get(i), prompt)) {
          sample(html, runs.get(i), i, sample);
        }
      }
      html.close().close();
    }
  }

  @Override
  void markdown(MarkdownText out) {
    for (String prompt : prompts()) {
      out.heading(3, shown(prompt));
      for (Samples run : runs) {
        for (Sample sample : of(run, prompt)) {
          out.paragraph(run.label() + ":");
          out.quote(sample.prompt() + sample.text());
        }
      }
    }
  }

  private Set<String> prompts() {
    Set<String> prompts = new LinkedHashSet<>();
    runs.forEach(run -> run.samples().forEach(sample -> prompts.add(sample.prompt())));
    return prompts;
  }

  private static List<Sample> of(Samples run, String prompt) {
    return run.samples().stream().filter(sample -> sample.prompt().equals(prompt)).toList();
  }

  private static String shown(String prompt) {
    return prompt.isBlank() ? "(no prompt)" : prompt;
  }

  private static void sample(Markup html, Samples run, int color, Sample sample) {
    html.open("article", "class", "sample").open("h4");
    html.open("i", "class", "key " + Palette.cssClass(color)).close().text(run.label()).close();
    html.open("p").leaf("span", sample.prompt(), "class", "given").text(sample.text()).close();
    html.close();
  }
}
