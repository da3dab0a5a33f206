// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.ParameterCount;
import org.mneme.eval.TextEvaluation;
import org.mneme.eval.TextEvaluator;
import org.mneme.eval.facts.FactsConfig;
import org.mneme.eval.facts.FactsEvaluation;
import org.mneme.eval.facts.FactsEvaluator;
import org.mneme.eval.generate.GenerationEvaluation;
import org.mneme.eval.generate.GenerationEvaluator;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.inspect.InspectionConfig;
import org.mneme.eval.inspect.MemoryInspector;
import org.mneme.eval.record.Findings;
import org.mneme.eval.report.MemoryPage;
import org.mneme.examples.experiment.Environment;
import org.mneme.examples.experiment.HeldOut;
import org.mneme.model.LanguageModel;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.metrics.MemoryReport;
import org.mneme.train.metrics.TrainingListener;

/** Measures trained models of a study, all in the same way; hears how their memory was used. */
final class RunEvaluator implements TrainingListener {
  private static final InspectionConfig INSPECTION = new InspectionConfig(12, 3, 10, 8, 16);

  private final StudyEvaluation config;
  private final StudyTexts texts;
  private final List<MemoryUse> usage = new ArrayList<>();

  RunEvaluator(StudyEvaluation config, StudyTexts texts) {
    this.config = config;
    this.texts = texts;
  }

  @Override
  public void memoryUsed(MemoryReport report) {
    usage.add(
        new MemoryUse(
            report.step(),
            report.usedAny(),
            report.usedTop1(),
            report.klToUniform(),
            report.entropy(),
            report.gini(),
            report.dead(),
            report.updateCoverage()));
  }

  /** All that is measured of a model after its training. */
  Evaluation evaluate(LanguageModel model, TrainingData data, TrainingResult result) {
    ParameterCount parameters = ParameterCount.of(model);
    return new Evaluation(
        result.checkpoint().getFileName().toString(),
        result.steps(),
        model.device().info().id(),
        model.computeType().name().toLowerCase(Locale.ROOT),
        parameters.trainable(),
        parameters.total(),
        text(model, data),
        generation(model, data),
        facts(model, data),
        usage);
  }

  private TextEvaluation text(LanguageModel model, TrainingData data) {
    return new TextEvaluator(model, data.tokenizer())
        .evaluate(
            "held-out documents",
            HeldOut.batches(data.validation().orElseThrow(), config.batches()));
  }

  private GenerationEvaluation generation(LanguageModel model, TrainingData data) {
    SamplingConfig sampling =
        GenerationEvaluator.SAMPLING.toBuilder().maxTokens(config.maxTokens()).build();
    return new GenerationEvaluator(model, data.tokenizer())
        .evaluate(texts.looked().prompts(), config.textsPerPrompt(), sampling);
  }

  private FactsEvaluation facts(LanguageModel model, TrainingData data) {
    if (texts.facts().isEmpty()) {
      return null;
    }
    return new FactsEvaluator(model, data.tokenizer())
        .evaluate(
            texts.factsFile().toString(),
            texts.facts(),
            new FactsConfig(config.factsPeople(), config.candidates()));
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
