// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.TextEvaluator;
import org.mneme.eval.inspect.InspectionConfig;
import org.mneme.eval.inspect.MemoryInspector;
import org.mneme.eval.record.Findings;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.examples.experiment.Environment;
import org.mneme.examples.experiment.HeldOut;
import org.mneme.model.LanguageModel;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;

/** Measures the trained models of a study, all in the same way. */
final class RunEvaluator {
  private static final InspectionConfig INSPECTION = new InspectionConfig(12, 3, 10, 8, 16);

  private final StudyEvaluation how;
  private final StudyTexts texts;

  RunEvaluator(StudyEvaluation how, StudyTexts texts) {
    this.how = how;
    this.texts = texts;
  }

  /**
   * All that is measured of a model after its training.
   *
   * @param metrics what the training told
   */
  Evaluation evaluate(
      LanguageModel model, TrainingData data, TrainingResult trained, Path metrics) {
    Evaluation.Builder evaluation =
        Evaluation.of(model, trained.checkpoint().getFileName().toString()).step(trained.steps());
    evaluation.text(
        new TextEvaluator(model, data.tokenizer())
            .evaluate(
                HeldOut.source(texts.heldOutOf()),
                HeldOut.batches(data.validation().orElseThrow(), how.batches())));
    texts.asked().ask(model, data.tokenizer(), evaluation);
    return evaluation.usageOverTime(MemoryUse.history(metrics)).build();
  }

  /** Entries of its memory as they are read, and where all of it was done. */
  Findings findings(LanguageModel model, TrainingData data, String command) {
    return new Findings(
        null,
        null,
        null,
        List.of(),
        pages(model, data),
        Environment.of(model.device()),
        List.of(command));
  }

  private List<MemoryPage> pages(LanguageModel model, TrainingData data) {
    if (model.memory().isEmpty()) {
      return List.of();
    }
    List<String> watched = texts.looked().watched();
    String description =
        String.format(Locale.ROOT, "Chosen most often on %,d held-out texts.", watched.size());
    return List.of(
        new MemoryInspector(model, data.tokenizer(), INSPECTION)
            .mostUsed(watched, Optional.empty())
            .reported("Most used entries", description));
  }
}
