// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import org.mneme.eval.Evaluation;
import org.mneme.eval.EvaluationTables;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.TextEvaluation;
import org.mneme.eval.facts.FactsEvaluation;
import org.mneme.eval.facts.PhrasingScore;
import org.mneme.eval.generate.GenerationEvaluation;
import org.mneme.eval.report.markup.MarkdownTable;
import org.mneme.eval.report.markup.VisibleText;
import org.mneme.memory.Codebook;

/** Prints an evaluation for a person. */
final class EvaluationPrinter {
  private final PrintWriter out;

  private EvaluationPrinter(PrintWriter out) {
    this.out = out;
  }

  static void print(PrintWriter out, Evaluation evaluation, Optional<Codebook> memory) {
    EvaluationPrinter printer = new EvaluationPrinter(out);
    if (evaluation.text() != null) {
      printer.text(evaluation.text());
      memory.ifPresent(entries -> printer.use(entries.entries(), evaluation.text().usage()));
    }
    if (evaluation.generation() != null) {
      printer.generation(evaluation.generation());
    }
    if (evaluation.facts() != null) {
      printer.facts(evaluation.facts());
    }
  }

  private void text(TextEvaluation text) {
    line("text", "%s", VisibleText.of(text.source()));
    line("loss", "%.4f nats a token", text.loss());
    line("perplexity", "%.2f", text.perplexity());
    line("bits per byte", "%.4f", text.bitsPerByte());
    line("tokens", "%,d", text.tokens());
    if (text.lossWithoutReads() != null) {
      line("loss without reads", "%.4f nats a token", text.lossWithoutReads());
    }
  }

  private void use(int entries, MemoryUse use) {
    line("entries", "%,d", entries);
    line("used in any slot", "%.1f %%", 100 * use.usedAny());
    line("used in the first slot", "%.1f %%", 100 * use.usedTop1());
    line("never used", "%,d", use.dead());
    line("KL to uniform use", "%.3f nats", use.klToUniform());
    line("entropy of use", "%.3f nats", use.entropy());
    line("Gini of use", "%.3f", use.gini());
  }

  private void generation(GenerationEvaluation generation) {
    out.printf(
        Locale.ROOT,
        "%n%d prompts, each continued %d times by at most %d tokens, temperature %s, seed %d%n%n%s",
        generation.prompts(),
        generation.textsPerPrompt(),
        generation.sampling().maxTokens(),
        generation.sampling().temperature(),
        generation.sampling().seed(),
        MarkdownTable.render(EvaluationTables.generation(generation)));
  }

  private void facts(FactsEvaluation facts) {
    out.printf(
        Locale.ROOT,
        "%nfacts about %,d of %,d people of %s%n%n%s%n",
        facts.peopleAsked(),
        facts.people(),
        VisibleText.of(facts.source()),
        MarkdownTable.render(EvaluationTables.facts(facts)));
    for (PhrasingScore score : facts.phrasings()) {
      line("bits per parameter", "%.3g, " + score.phrasing().id(), score.bitsPerParameter());
    }
  }

  private void line(String name, String format, Object value) {
    out.printf(Locale.ROOT, "%-23s " + format + "%n", name, value);
  }
}
