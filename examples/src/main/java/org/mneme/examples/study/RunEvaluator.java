// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
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
import org.mneme.examples.experiment.EvaluationParts;
import org.mneme.examples.experiment.HeldOut;
import org.mneme.model.LanguageModel;
import org.mneme.model.io.FileFault;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.folder.RunFolder;

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
   * Prepares the parts of the evaluation of a model after its training.
   *
   * @param folder of the run, which keeps what is measured
   */
  EvaluationParts parts(
      LanguageModel model, TrainingData data, TrainingResult trained, RunFolder folder) {
    EvaluationParts parts =
        new EvaluationParts(
            Evaluation.of(model, trained.checkpoint().getFileName().toString())
                .step(trained.steps()),
            measured -> write(measured, folder.root().resolve(Evaluation.FILE)));
    parts.add(
        Evaluation.TEXT,
        part ->
            part.text(
                new TextEvaluator(model, data.tokenizer())
                    .evaluate(
                        HeldOut.source(texts.heldOutOf()),
                        HeldOut.batches(data.validation().orElseThrow(), how.batches()))));
    texts.asked().addTo(parts, model, data.tokenizer());
    return parts.add(
        "usage_over_time", part -> part.usageOverTime(MemoryUse.history(folder.metrics())));
  }

  private static void write(Evaluation evaluation, Path file) {
    try {
      evaluation.write(file);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
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
