// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
import org.mneme.train.folder.RunFolder;

/**
 * A text on which a model is measured, and beginnings from the text.
 *
 * @param measure measures the loss of the model on it; empty if there is no text
 * @param prompts first words of some documents
 */
record EvaluatedText(Optional<Supplier<TextEvaluation>> measure, List<String> prompts) {
  static final EvaluatedText NONE = new EvaluatedText(Optional.empty(), List.of());

  /**
   * On whole documents of a file.
   *
   * @param limit the number of documents that the texts are limited to; empty for no limit
   */
  static EvaluatedText of(OpenedModel opened, Texts texts, int batchSize, Optional<Long> limit) {
    TextEvaluator evaluator = new TextEvaluator(opened.model(), opened.tokenizer());
    String source = texts.source().name() + limit.map(HeldOut::first).orElse("");
    return new EvaluatedText(
        Optional.of(() -> evaluator.evaluate(source, texts, batchSize)), beginnings(opened, texts));
  }

  /**
   * On the same batches of held-out text on which the run was evaluated when it ended.
   *
   * @param study that the run is of
   * @param limit the number of held-out documents, from the first on, that count; empty for all
   * @throws org.mneme.compute.UserException if the files of the run no longer exist, or hold
   *     another text than the run learned from
   */
  static EvaluatedText heldOut(
      OpenedModel opened,
      RunFolder folder,
      RunConfig run,
      Optional<StudyFolder> study,
      Optional<Long> limit) {
    TextCheck check = new TextCheck(folder, opened);
    if (study.isPresent()) {
      return study.get().withText(run, text -> heldOut(opened, check, text, limit));
    }
    TrainingData data =
        TrainingData.of(
            run, new DataFiles(run.data()).documents(), opened.tokenizer(), ProgressListener.NONE);
    return heldOut(
        opened,
        check,
        new HeldOutText(data, HeldOut.source(run), run.train().evalBatches()),
        limit);
  }

  private static EvaluatedText heldOut(
      OpenedModel opened, TextCheck check, HeldOutText text, Optional<Long> limit) {
    TrainingData data = text.data();
    check.require(data);
    DocumentSet looked = data.validation().orElse(data.training()).documents();
    TextEvaluator evaluator = new TextEvaluator(opened.model(), opened.tokenizer());
    String source = text.source() + limit.map(HeldOut::first).orElse("");
    return new EvaluatedText(
        data.validation()
            .map(held -> limit.map(held::first).orElse(held))
            .map(held -> HeldOut.batches(held, text.batches()))
            .map(batches -> () -> evaluator.evaluate(source, batches)),
        ExperimentTexts.of(looked, opened.tokenizer(), longestSequence(opened)).prompts());
  }

  private static List<String> beginnings(OpenedModel opened, Texts texts) {
    return ExperimentTexts.beginnings(texts, opened.tokenizer(), longestSequence(opened));
  }

  private static int longestSequence(OpenedModel opened) {
    return opened.model().config().maxSeqLen();
  }
}
