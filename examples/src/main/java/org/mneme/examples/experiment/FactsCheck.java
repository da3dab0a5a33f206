// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.nio.file.Path;
import java.util.List;
import org.mneme.model.TextCodec;
import org.mneme.train.config.RunConfig;
import org.mneme.train.tokenizer.Tokenizer;

/** Checks the facts that a trained model is asked for, before the training. */
final class FactsCheck {
  private final RunConfig run;

  FactsCheck(RunConfig run) {
    this.run = run;
  }

  /**
   * Checks all that can be checked before a tokenizer is learned.
   *
   * @throws org.mneme.compute.UserException if the facts cannot be read, or are too long by the
   *     tokenizer that the configuration names
   */
  void beforeTokenizer() {
    EvaluationPlan plan = Experiment.plan(run, List.of());
    String named = run.data().tokenizer();
    if (!plan.facts().isEmpty() && !named.isEmpty()) {
      try (Tokenizer tokenizer = Tokenizer.load(Path.of(named))) {
        plan.requireFit(tokenizer, run.model().maxSeqLen());
      }
    }
  }

  /**
   * Checks the length of the facts.
   *
   * @throws org.mneme.compute.UserException if they cannot be read or are too long
   */
  void with(TextCodec tokenizer) {
    Experiment.plan(run, List.of()).requireFit(tokenizer, run.model().maxSeqLen());
  }
}
