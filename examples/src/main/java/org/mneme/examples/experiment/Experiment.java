// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.ParameterCount;
import org.mneme.eval.TextEvaluation;
import org.mneme.eval.TextEvaluator;
import org.mneme.eval.facts.FactsConfig;
import org.mneme.eval.inspect.InspectionConfig;
import org.mneme.eval.inspect.MemoryInspector;
import org.mneme.eval.inspect.MemorySnapshot;
import org.mneme.eval.record.MetricsLog;
import org.mneme.eval.report.RunSummary;
import org.mneme.eval.report.document.Sample;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.examples.StopSignals;
import org.mneme.examples.StoppedException;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.io.FileFault;
import org.mneme.train.Trainer;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.Batches;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.folder.RunLock;
import org.mneme.train.metrics.ProgressBar;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.TrainingStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a model, evaluates it on held-out text, lets it write and looks into its memory. {@link
 * #run} is the whole story; what it leaves is a run folder and a {@link RunSummary}.
 */
public final class Experiment {
  private static final Logger LOG = LoggerFactory.getLogger(Experiment.class);
  private static final InspectionConfig INSPECTION = new InspectionConfig(12, 3, 10, 8, 16);

  private final String name;
  private final String label;
  private final RunConfig run;
  private final TrainingData data;
  private final ExperimentTexts texts;
  private final EvaluationPlan plan;
  private Evaluation evaluation;
  private RunFolder evaluated;

  /**
   * An experiment.
   *
   * @param name short, for the ends of curves
   * @param label what it is, for tables
   * @param run what is trained and how
   * @param data what it learns from
   * @param texts prompts to continue and texts to watch the memory on
   * @throws UserException if prompts or facts that the trained model is asked for cannot be read or
   *     are longer than the model
   */
  public Experiment(
      String name, String label, RunConfig run, TrainingData data, ExperimentTexts texts) {
    this.name = name;
    this.label = label;
    this.run = run;
    this.data = data;
    this.texts = texts;
    this.plan = plan(run, texts.prompts());
    // Before the training: a wrong path or a long prompt must not cost one.
    plan.requireFit(data.tokenizer(), run.model().maxSeqLen());
  }

  /** Reads what is asked of the trained model. */
  static EvaluationPlan plan(RunConfig run, List<String> prompts) {
    EvaluationPlan plan = EvaluationPlan.of(prompts);
    String facts = run.experiment().facts();
    return facts.isEmpty() ? plan : plan.withFacts(Path.of(facts), FactsConfig.DEFAULT);
  }

  /**
   * Trains and evaluates on a device; the run's files go to {@code folder}.
   *
   * @throws UserException if another training uses the folder
   * @throws org.mneme.train.TrainingStoppedException if a signal asked for it; all is saved
   * @throws StoppedException if one came after the last step; the model is saved
   */
  public RunSummary run(Device device, RunFolder folder) {
    try (RunLock lock = RunLock.acquire(folder)) {
      return run(device, lock);
    }
  }

  /** Does what {@link #run(Device, RunFolder)} does, in a folder that the caller has locked. */
  public RunSummary run(Device device, RunLock lock) {
    StoppedRun stopped = StoppedRun.of(lock.folder(), run);
    try (StopSignals signals =
        StopSignals.ending(() -> stopped.beforeSteps(false), lock::withdraw)) {
      return run(device, lock, false, signals);
    }
  }

  /**
   * Runs, or continues the run in the folder, with signals of the caller, which end the process
   * until the first step.
   */
  RunSummary run(Device device, RunLock lock, boolean resumed, StopSignals signals) {
    RunFolder folder = lock.folder();
    try (LanguageModel model = run.createModel(device)) {
      Trainer trainer =
          new Trainer(model, run, data, folder)
              .lockedBy(lock.lock())
              .listen(snapshotOf(model, folder))
              .listen(stepsOf(signals, lock))
              .listen(ProgressBar.onStandardError(name))
              .stopWhen(signals::received);
      TrainingResult result = (resumed ? trainer.resume() : trainer).train();
      if (afterSteps(signals, lock)) {
        throw new StoppedException(StoppedRun.of(folder, run).beforeReport());
      }
      MetricsLog told = told(folder);
      ParameterCount size = ParameterCount.of(model);
      RunSummary.Builder summary =
          RunSummary.named(name, label)
              .parameters(size.trainable(), size.total())
              .training(result.tokens(), result.tokens() / result.tokensPerSecond())
              .trainLoss(told.series("train", "ce"))
              .validationLoss(told.series("validation", "loss"))
              .tokensPerSecond(told.series("train", "tokens_per_second"))
              .peakMemoryBytes(result.peakDeviceMemory());
      settings(summary);
      evaluated = folder;
      evaluation = evaluate(model, result, folder, summary);
      return summary.samples(samples(evaluation)).build();
    }
  }

  /**
   * Refuses an evaluation of which a part failed, after all else was written.
   *
   * @throws UserException with each part and its reason
   */
  public void requireComplete() {
    EvaluationParts.requireComplete(evaluation, "./mneme eval " + evaluated.root());
  }

  /**
   * All that the training has reported, also what was before a resume. The trained model is worth
   * more than its curves: without them it is evaluated all the same.
   */
  private static MetricsLog told(RunFolder folder) {
    try {
      MetricsLog log = MetricsLog.read(folder.metrics());
      if (log.unreadable() > 0) {
        LOG.warn("{}: {} lines cannot be read and are skipped", folder.metrics(), log.unreadable());
      }
      return log;
    } catch (IOException e) {
      LOG.warn(
          "{}: cannot be read, the report has no curves: {}",
          folder.metrics(),
          FileFault.reason(e));
      return MetricsLog.empty();
    }
  }

  /** Lets signals wait for the end of a step while there are steps. */
  private TrainingListener stepsOf(StopSignals signals, RunLock lock) {
    return new TrainingListener() {
      @Override
      public void started(TrainingStart start) {
        if (start.stepsDone() < start.steps()) {
          signals.finishSteps();
        } else {
          afterSteps(signals, lock);
        }
      }
    };
  }

  private boolean afterSteps(StopSignals signals, RunLock lock) {
    StoppedRun stopped = StoppedRun.of(lock.folder(), run);
    return signals.endAtOnce(stopped::beforeReport, lock::withdraw);
  }

  /** The memory as it is when training begins, so that later changes can be shown. */
  private TrainingListener snapshotOf(LanguageModel model, RunFolder folder) {
    return new TrainingListener() {
      @Override
      public void started(TrainingStart start) {
        if (holdsTokens() && !start.resumed()) {
          try {
            MemorySnapshot.write(model, snapshot(folder));
          } catch (IOException e) {
            throw FileFault.cannotBe(snapshot(folder), "written", e);
          }
        }
      }
    };
  }

  private static Path snapshot(RunFolder folder) {
    return folder.root().resolve("memory-at-start.safetensors");
  }

  private boolean holdsTokens() {
    return run.model().memoryStore() == MemoryStore.EMA_TOKEN;
  }

  private void settings(RunSummary.Builder summary) {
    ModelConfig model = run.model();
    summary
        .setting("dim", model.dim())
        .setting("n_layers", model.nLayers())
        .setting("n_heads", model.nHeads())
        .setting("max_seq_len", model.maxSeqLen())
        .setting("batch_size", run.train().batchSize())
        .setting("learning_rate", run.train().learningRate());
    if (model.hasMemory()) {
      summary
          .setting("memory_store", model.memoryStore().name().toLowerCase(Locale.ROOT))
          .setting("memory_fusion", model.memoryFusion().name().toLowerCase(Locale.ROOT))
          .setting("knowledge_num", model.knowledgeNum())
          .setting("num_selected", model.numSelected())
          .setting("balance_loss_coef", model.balanceLossCoef());
    }
    if (model.movesByEma()) {
      summary
          .setting("ema_rule", model.emaRule().id())
          .setting("ema_decay", model.emaDecay())
          .setting("ema_update_freq", model.emaUpdateFreq());
    }
  }

  /** The first text after each prompt, as it was written for the evaluation. */
  private static List<Sample> samples(Evaluation evaluation) {
    return evaluation.generation() == null ? List.of() : evaluation.generation().samples();
  }

  private Evaluation evaluate(
      LanguageModel model, TrainingResult result, RunFolder folder, RunSummary.Builder summary) {
    Optional<Evaluation> before = before(folder);
    EvaluationParts parts =
        new EvaluationParts(
            Evaluation.of(model, result.checkpoint().getFileName().toString()).step(result.steps()),
            measured -> write(before.map(measured::orElse).orElse(measured), folder));
    data.validation()
        .ifPresent(
            heldOut ->
                parts.add(Evaluation.TEXT, part -> part.text(text(model, heldOut, summary))));
    plan.addTo(parts, model, data.tokenizer());
    if (data.validation().isPresent() && model.memory().isPresent()) {
      parts.add("memory_entries", part -> summary.pages(memoryPages(model, folder)));
    }
    parts.add("usage_over_time", part -> part.usageOverTime(MemoryUse.history(folder.metrics())));
    return parts.measure();
  }

  private TextEvaluation text(LanguageModel model, Batches heldOut, RunSummary.Builder summary) {
    TextEvaluation text =
        new TextEvaluator(model, data.tokenizer())
            .evaluate(HeldOut.source(run), HeldOut.batches(heldOut, run.train().evalBatches()));
    summary.finalValidationLoss(text.loss());
    model.memory().flatMap(memory -> text.reported(memory.entries())).ifPresent(summary::usage);
    return text;
  }

  /** What was measured before a resume: it is kept until it is measured again. */
  private static Optional<Evaluation> before(RunFolder folder) {
    Path file = folder.root().resolve(Evaluation.FILE);
    try {
      return Files.exists(file) ? Optional.of(Evaluation.read(file)) : Optional.empty();
    } catch (UserException e) {
      LOG.warn("it is replaced by a new evaluation: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static void write(Evaluation evaluation, RunFolder folder) {
    Path file = folder.root().resolve(Evaluation.FILE);
    try {
      evaluation.write(file);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
  }

  /**
   * Null where entries have no tokens, or the file was lost or damaged: then no changes are shown.
   */
  private MemorySnapshot start(LanguageModel model, RunFolder folder) {
    try {
      return holdsTokens()
          ? MemorySnapshot.open(snapshot(folder), model.config().vocabSize())
          : null;
    } catch (UserException e) {
      LOG.warn("the report does not show how entries changed: {}", e.getMessage());
      return null;
    }
  }

  private List<MemoryPage> memoryPages(LanguageModel model, RunFolder folder) {
    MemoryInspector inspector = new MemoryInspector(model, data.tokenizer(), INSPECTION);
    List<MemoryPage> pages = new ArrayList<>();
    try (MemorySnapshot start = start(model, folder)) {
      Optional<MemorySnapshot> initial = Optional.ofNullable(start);
      pages.add(
          inspector
              .mostUsed(texts.watched(), initial)
              .reported(
                  "Most used entries",
                  String.format(
                      Locale.ROOT,
                      "Chosen most often on %,d held-out texts.",
                      texts.watched().size())));
      if (start != null) {
        pages.add(
            inspector
                .mostChanged(texts.watched(), start)
                .reported("Most changed entries", "Most of their tokens moved in training."));
      }
    }
    return pages;
  }
}
