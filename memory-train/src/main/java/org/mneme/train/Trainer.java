// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.FileFault;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.folder.FolderLock;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.MemoryMoveReport;
import org.mneme.train.metrics.MetricsWriter;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.TrainingStart;
import org.mneme.train.tensorboard.TensorBoardWriter;
import org.mneme.train.watch.StepProfiler;

/**
 * Trains a model and leaves a run folder: configuration, metrics, checkpoints. {@link #train} is
 * the whole story.
 *
 * <p>Belongs to the thread that drives the device; trains once.
 */
public final class Trainer {
  private final LanguageModel model;
  private final Device device;
  private final RunConfig run;
  private final TrainConfig config;
  private final TrainingData data;
  private final RunFolder folder;
  private final TrainingPlan plan;
  private final TrainingSetup setup;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private BooleanSupplier stop = () -> false;
  private FolderLock lock;
  private boolean resuming;
  private boolean saving = true;
  private boolean overwriting;
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
    this.setup = new TrainingSetup(model, run, data, folder, plan);
    checkFit();
  }

  private void checkFit() {
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
   * Makes {@link #train} go on from the newest intact checkpoint of the folder, or from the
   * beginning if that run was never saved: the steps to come are, to the bit, those of a training
   * that was not interrupted. The model may be a new one: all its values are replaced.
   */
  public Trainer resume() {
    resuming = true;
    return this;
  }

  /**
   * Lets the training be stopped between two steps.
   *
   * @param wanted asked after each step, by the training thread
   */
  public Trainer stopWhen(BooleanSupplier wanted) {
    stop = wanted;
    return this;
  }

  /**
   * Makes {@link #train} rely on a lock of the folder that the caller holds until it has returned;
   * otherwise it acquires one of its own.
   */
  public Trainer lockedBy(FolderLock held) {
    lock = Objects.requireNonNull(held, "held");
    return this;
  }

  /**
   * Lets first contents ({@code memory_init}) replace entries that the model was loaded with, or
   * that were set by hand. Without it such a training is refused.
   */
  public Trainer overwriteEntries() {
    overwriting = true;
    return this;
  }

  /**
   * Lets {@link #train} write no checkpoints: what it learns is in the model alone, and it cannot
   * be resumed.
   */
  public Trainer withoutCheckpoints() {
    saving = false;
    return this;
  }

  /**
   * Trains until the configured end. A checkpoint is left in any case: of the end, or of what an
   * exception found after at least one step. If one in between cannot be written, because the disk
   * is full, say, the one before stays and the training goes on.
   *
   * @throws UserException if a loss is not finite, naming the step and the first bad tensor; if the
   *     last checkpoint cannot be written; if another training uses the folder; if the folder holds
   *     a run that is not resumed, or one to be resumed that had other settings or data
   * @throws TrainingStoppedException if it was stopped, in the last step or before; a checkpoint of
   *     the steps trained is written
   */
  public TrainingResult train() {
    if (lock != null) {
      return trainLocked();
    }
    try (FolderLock own = FolderLock.acquire(folder.root())) {
      return trainLocked();
    }
  }

  private TrainingResult trainLocked() {
    try (MetricsWriter metrics = new MetricsWriter(folder.metrics())) {
      StartingPoint start = new StartingPoint(setup, metrics);
      Optional<Checkpoint> from = resuming ? start.ofResume() : start.ofNewRun();
      recordIdentity(from.isPresent());
      writeConfig();
      List<TrainingListener> all = new ArrayList<>(listeners);
      all.add(0, metrics);
      if (run.watch().tensorboard()) {
        all.add(new TensorBoardWriter(folder.tensorBoard(), new JsonConfig().write(run)));
      }
      Listeners audience = new Listeners(List.copyOf(all));
      try {
        return train(from, metrics, audience);
      } finally {
        audience.ended();
      }
    }
  }

  private TrainingResult train(
      Optional<Checkpoint> from, MetricsWriter metrics, TrainingListener listener) {
    try (TrainingStep training =
            new TrainingStep(
                model, config, plan.optimizer(), data.tokenizer().padId(), targetWeights());
        ValidationLoss heldOut = heldOut()) {

      Journal journal = new Journal(model, plan, training, listener);
      Saver saver = new Saver(setup, training, journal, metrics, listener, saving);
      if (from.isPresent()) {
        saver.restore(from.get());
      } else {
        metrics.clear();
        new MemoryInitializer(model, data, config).initialize(config.memoryInit());
      }
      listener.started(
          new TrainingStart(
              plan.steps(),
              setup.tokensPerStep(),
              model.parameters().table().parameterCount(),
              saver.step()));
      try {
        Watch watch = new Watch(run.watch(), device, training.profiler(), folder, listener);
        train(training, heldOut, journal, watch, saver);
        return finish(training, heldOut, journal, saver);
      } catch (TrainingStoppedException e) {
        throw e;
      } catch (RuntimeException | Error e) {
        saver.saveAfter(e);
        throw e;
      }
    }
  }

  private void train(
      TrainingStep training, ValidationLoss heldOut, Journal journal, Watch watch, Saver saver) {
    MemoryMover memory = training.memory();
    StepProfiler profiler = training.profiler();
    BatchIterator batches = data.training().endless(saver.position());

    if (heldOut != null && config.evalAtStart() && saver.step() == 0) {
      validate(0, heldOut, journal, training);
    }
    for (long step = saver.step() + 1; step <= plan.steps(); step++) {
      watch.begin(step);

      // Gradients and losses add up over the micro-batches.
      training.gradients(step, batches::next);

      // A spike moves nothing, if so configured.
      boolean skipped = journal.skips(step);

      // What is not finite is found before it reaches the weights, where losses are read.
      Optional<TrainReport> report =
          plan.reportsAfter(step) ? Optional.of(journal.read(step)) : Optional.empty();
      Optional<MemoryMoveReport> moved = Optional.empty();
      if (skipped) {
        training.skip();
      } else {
        training.update(step);

        // The entries move towards what the last micro-batch selected them for.
        boolean measured = plan.validatesWithin(step, memory.frequency());
        moved = training.moveMemory(step, measured);
      }

      // From here on the step is over, whatever listeners do.
      saver.reached(step, batches.position());
      report.ifPresent(journal::reported);
      moved.ifPresent(journal::moved);
      journal.stepped(step);

      if (heldOut != null && plan.validatesAfter(step)) {
        validate(step, heldOut, journal, training);
      }
      watch.end(step, step == plan.steps());

      // Last of all, so that a resume has nothing of this step to tell.
      if (plan.savesAfter(step)) {
        journal.aside(() -> profiler.phase("save", saver::save));
      }
      // In the last step too: who asked for an end does not wait for what follows a training.
      if (stop.getAsBoolean()) {
        journal.aside(saver::saveLast);
        throw new TrainingStoppedException(setup, step);
      }
    }
  }

  private void validate(long step, ValidationLoss heldOut, Journal journal, TrainingStep training) {
    StepProfiler profiler = training.profiler();
    journal.aside(() -> validation = Optional.of(profiler.phase("validation", heldOut::evaluate)));
    journal.validated(step, validation.orElseThrow(), training.memory().coverage());
  }

  private TargetWeights targetWeights() {
    return new TargetWeights(data.tokenizer().endId(), config.endTokenWeight());
  }

  private ValidationLoss heldOut() {
    return data.validation()
        .map(heldOut -> new ValidationLoss(model, heldOut, config.evalBatches()))
        .orElse(null);
  }

  private TrainingResult finish(
      TrainingStep training, ValidationLoss heldOut, Journal journal, Saver saver) {
    device.synchronize();
    double tokensPerSecond = journal.tokensPerSecond();
    Path checkpoint = saver.saveLast();
    if (heldOut != null && validation.isEmpty()) {
      // Resumed after the last step: its validation was told, but is not kept.
      validation = Optional.of(heldOut.evaluate());
    }
    return new TrainingResult(
        plan.steps(),
        plan.steps() * setup.tokensPerStep(),
        journal.trainLoss(),
        validation,
        tokensPerSecond,
        journal.elapsedSeconds(),
        device.memoryReport().peakTotal(),
        ProcessMemory.peakResident(),
        training.memory().coverage(),
        checkpoint);
  }

  private void recordIdentity(boolean continued) {
    IdentityFile identity = new IdentityFile(setup);
    if (continued) {
      identity.requireSame();
    } else {
      requireFreeEntries();
      identity.write();
    }
  }

  /**
   * Entries that were loaded or set by hand must not vanish because of a key of a configuration.
   */
  private void requireFreeEntries() {
    if (model.hasGivenEntries() && !overwriting && config.memoryInit() != MemoryInit.RANDOM) {
      throw new UserException(
          "training configuration: memory_init is "
              + config.memoryInit().name().toLowerCase(Locale.ROOT)
              + ", expected random: the entries of this model were loaded or set, and first contents"
              + " would replace them. Call overwriteEntries() if they are to be replaced");
    }
  }

  private void writeConfig() {
    try {
      new JsonConfig().write(folder.config(), run);
    } catch (IOException e) {
      throw FileFault.cannotBe(folder.config(), "written", e);
    }
  }
}
