// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.util.Locale;
import org.mneme.eval.Evaluation;
import org.mneme.eval.TextEvaluation;
import org.mneme.eval.facts.Phrasing;

/** What came out of a run, in a line for the console. */
final class RunLine {
  private static final double PERCENT = 100;

  private RunLine() {}

  static String of(Evaluation evaluation, RunCost cost) {
    StringBuilder line = new StringBuilder();
    TextEvaluation text = evaluation.text();
    add(line, "loss %.3f", text == null ? Double.NaN : text.loss());
    if (text != null && text.lossWithoutReads() != null) {
      add(line, ", reads worth %.3f", text.lossWithoutReads() - text.loss());
    }
    if (evaluation.facts() != null) {
      evaluation.facts().phrasings().stream()
          .filter(score -> score.phrasing() == Phrasing.TRAIN)
          .forEach(score -> add(line, ", facts %.1f %%", PERCENT * score.exactRecall()));
    }
    add(line, "; trained in %.1f s", cost.trainSeconds());
    add(line, ", measured in %.1f s", cost.evaluationSeconds());
    return line.toString();
  }

  private static void add(StringBuilder line, String format, double value) {
    line.append(String.format(Locale.ROOT, format, value));
  }
}
