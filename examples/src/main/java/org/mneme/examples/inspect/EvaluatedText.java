// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.util.List;
import java.util.Optional;
import org.mneme.eval.TextEvaluation;
import org.mneme.eval.TextEvaluator;
import org.mneme.examples.experiment.ExperimentTexts;
import org.mneme.examples.experiment.HeldOut;
import org.mneme.examples.experiment.HeldOutText;
import org.mneme.examples.study.StudyFolder;
import org.mneme.train.DataFiles;
import org.mneme.train.TrainingData;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.document.ProgressListener;

/**
 * The loss of a model on a text, and beginnings from the text.
 *
 * @param evaluation empty if there is no text
 * @param prompts first words of some documents
 */
record EvaluatedText(Optional<TextEvaluation> evaluation, List<String> prompts) {
  static final EvaluatedText NONE = new EvaluatedText(Optional.empty(), List.of());

  /** On whole documents of a file. */
  static EvaluatedText of(OpenedModel opened, Texts texts, int batchSize) {
    TextEvaluation evaluation =
        new TextEvaluator(opened.model(), opened.tokenizer())
            .evaluate(texts.source().name(), texts, batchSize);
    return new EvaluatedText(Optional.of(evaluation), ExperimentTexts.beginnings(texts));
  }

  /**
   * On the same batches of held-out text on which the run was evaluated when it ended.
   *
   * @param study that the run is of
   * @throws org.mneme.compute.UserException if the files of the run are no longer there
   */
  static EvaluatedText heldOut(OpenedModel opened, RunConfig run, Optional<StudyFolder> study) {
    if (study.isPresent()) {
      return study.get().withText(run, text -> heldOut(opened, text));
    }
    TrainingData data =
        TrainingData.of(
            run, new DataFiles(run.data()).documents(), opened.tokenizer(), ProgressListener.NONE);
    return heldOut(opened, new HeldOutText(data, HeldOut.source(run), run.train().evalBatches()));
  }

  private static EvaluatedText heldOut(OpenedModel opened, HeldOutText text) {
    TrainingData data = text.data();
    DocumentSet looked = data.validation().orElse(data.training()).documents();
    TextEvaluator evaluator = new TextEvaluator(opened.model(), opened.tokenizer());
    return new EvaluatedText(
        data.validation()
            .map(held -> HeldOut.batches(held, text.batches()))
            .map(batches -> evaluator.evaluate(text.source(), batches)),
        ExperimentTexts.of(looked, opened.tokenizer()).prompts());
  }
}
