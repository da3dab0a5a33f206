// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.TrainerState;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.metrics.MetricsWriter;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.TrainingStart;
import org.mneme.train.tensorboard.TensorBoardWriter;
import org.mneme.train.watch.StepProfiler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a model and leaves a run folder: configuration, metrics, checkpoint. {@link #train} is the
 * whole story.
 *
 * <p>Belongs to the thread that drives the device; trains once.
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final LanguageModel model;
  private final Device device;
  private final RunConfig run;
  private final TrainConfig config;
  private final TrainingData data;
  private final RunFolder folder;
  private final TrainingPlan plan;
  private final BatchIterator batches;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private long stepsDone;
  private Optional<ValidationLoss.Result> validation = Optional.empty();

  /**
   * Prepares a training.
   *
   * @param model trainable; stays its opener's
   * @param run how to train; its model must be what {@code model} is
   * @param folder made if it is not there
   * @throws UserException if configuration, model and data do not fit together
   */
  public Trainer(LanguageModel model, RunConfig run, TrainingData data, RunFolder folder) {
    this.model = model;
    this.device = model.device();
    this.run = run;
    this.config = run.train();
    this.data = data;
    this.folder = folder;
    this.plan = TrainingPlan.of(config, data.training().sequencesPerEpoch());
    this.batches = data.training().endless(DataPosition.START);
    checkFit();
  }

  private void checkFit() {
    if (config.revives() && !run.model().movesByEma()) {
      throw new UserException(
          "training configuration: revival_unused_updates is "
              + config.revivalUnusedUpdates()
              + ", expected 0 for a model without a memory that is moved by EMA");
    }
    if (!run.model().equals(model.config())) {
      throw new UserException(
          "run configuration: model is "
              + run.model()
              + ", expected that of the model, which is "
              + model.config());
    }
    if (model.computeType() != config.dtype()) {
      throw new UserException(
          "training configuration: dtype is "
              + config.dtype()
              + ", expected that of the model, which is "
              + model.computeType());
    }
    int tokens = data.tokenizer().vocabularySize();
    if (tokens > model.config().vocabSize()) {
      throw new UserException(
          "model configuration: vocab_size is "
              + model.config().vocabSize()
              + ", expected at least the vocabulary of the tokenizer, which is "
              + tokens);
    }
  }

  /** Adds somebody who hears how the training goes. */
  public Trainer listen(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Trains until the configured end. A checkpoint is left in any case: of the end, or of what an
   * exception found after at least one step.
   *
   * @throws UserException if a loss is not finite, naming the step and the first bad tensor, or a
   *     file cannot be written
   */
  public TrainingResult train() {
    folder.make();
    writeConfig();
    try (MetricsWriter metrics = new MetricsWriter(folder.metrics())) {
      List<TrainingListener> all = new ArrayList<>(listeners);
      all.add(0, metrics);
      if (run.watch().tensorboard()) {
        all.add(new TensorBoardWriter(folder.tensorBoard(), new JsonConfig().write(run)));
      }
      Listeners audience = new Listeners(List.copyOf(all));
      try {
        return train(audience);
      } catch (RuntimeException | Error e) {
        saveAfter(e);
        throw e;
      } finally {
        audience.ended();
      }
    }
  }

  private TrainingResult train(TrainingListener listener) {
    new MemoryInitializer(model, data, config.seed()).initialize(config.memoryInit());

    try (TrainingStep training =
            new TrainingStep(
                model, config, plan.optimizer(), data.tokenizer().padId(), targetWeights());
        ValidationLoss heldOut = heldOut()) {

      MemoryMover memory = training.memory();
      Journal journal = new Journal(model, plan, training, listener);
      StepProfiler profiler = training.profiler();
      Watch watch = new Watch(run.watch(), device, profiler, folder, listener);
      listener.started(
          new TrainingStart(
              plan.steps(),
              plan.tokensPerStep(model.config().maxSeqLen()),
              model.parameters().table().parameterCount()));

      if (heldOut != null && config.evalAtStart()) {
        journal.aside(() -> validation = Optional.of(heldOut.evaluate()));
        journal.validated(0, validation.orElseThrow(), memory.coverage());
      }
      for (long step = 1; step <= plan.steps(); step++) {
        watch.begin(step);

        // Gradients and losses add up over the micro-batches.
        training.gradients(step, batches::next);

        // A spike moves nothing, if so configured.
        boolean skipped = journal.skips(step);

        // What is not finite is found before it reaches the weights, where losses are read.
        if (plan.reportsAfter(step)) {
          journal.report(step);
        }
        if (!skipped) {
          training.update(step);

          // The entries move towards what the last micro-batch selected them for.
          boolean measured = plan.validatesWithin(step, memory.frequency());
          training.moveMemory(step, measured).ifPresent(journal::moved);
        }
        stepsDone = step;
        journal.stepped(step);

        if (heldOut != null && plan.validatesAfter(step)) {
          journal.aside(
              () -> validation = Optional.of(profiler.phase("validation", heldOut::evaluate)));
          journal.validated(step, validation.orElseThrow(), memory.coverage());
        }
        if (plan.savesAfter(step)) {
          journal.aside(() -> profiler.phase("save", () -> save(listener)));
        }
        watch.end(step, step == plan.steps());
      }
      return finish(journal, memory, listener);
    }
  }

  private TargetWeights targetWeights() {
    return new TargetWeights(data.tokenizer().endId(), config.endTokenWeight());
  }

  private ValidationLoss heldOut() {
    return data.validation()
        .map(heldOut -> new ValidationLoss(model, heldOut, config.evalBatches()))
        .orElse(null);
  }

  private TrainingResult finish(Journal journal, MemoryMover memory, TrainingListener listener) {
    device.synchronize();
    double tokensPerSecond = journal.tokensPerSecond();
    save(listener);
    return new TrainingResult(
        plan.steps(),
        tokens(),
        journal.trainLoss(),
        validation,
        tokensPerSecond,
        journal.elapsedSeconds(),
        device.memoryReport().peakTotal(),
        ProcessMemory.peakResident(),
        memory.coverage(),
        folder.checkpoint());
  }

  private void writeConfig() {
    try {
      new JsonConfig().write(folder.config(), run);
    } catch (IOException e) {
      throw new UserException(folder.config() + ": cannot be written: " + e, e);
    }
  }

  /** Replaces the checkpoint by the present state, unless that would lose a good one. */
  private void save(TrainingListener listener) {
    FiniteGuard guard = new FiniteGuard(model);
    if (!guard.weightsAreFinite()) {
      throw new UserException("after step " + stepsDone + ": " + guard.describe());
    }
    write(folder.checkpoint());
    listener.saved(stepsDone, folder.checkpoint());
  }

  /**
   * Saves what was learned before something went wrong, beside any good checkpoint if it is bad.
   */
  private void saveAfter(Throwable reason) {
    if (stepsDone == 0) {
      return;
    }
    try {
      boolean good = new FiniteGuard(model).weightsAreFinite();
      Path directory = good ? folder.checkpoint() : folder.failedCheckpoint();
      write(directory);
      LOG.error(
          "Training stopped after {} of {} steps; the model is saved in {}",
          stepsDone,
          plan.steps(),
          directory);
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  private void write(Path directory) {
    TrainerState state =
        new TrainerState(
            stepsDone,
            plan.steps(),
            tokens(),
            config.seed(),
            batches.position(),
            validation.map(ValidationLoss.Result::loss).orElse(null),
            versions());
    new Checkpoint(directory).save(model, data.tokenizer(), state);
  }

  private long tokens() {
    return stepsDone * plan.tokensPerStep(model.config().maxSeqLen());
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    String version = Trainer.class.getPackage().getImplementationVersion();
    versions.put("mneme", version == null ? "development" : version);
    versions.put("java", Runtime.version().toString());
    versions.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    versions.put("device", device.info().id() + ": " + device.info().description());
    return versions;
  }
}
