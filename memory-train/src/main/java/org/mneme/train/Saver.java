// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.Checkpoints;
import org.mneme.train.checkpoint.TrainerState;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.DataPosition;
import org.mneme.train.metrics.MetricsWriter;
import org.mneme.train.metrics.ReportedSteps;
import org.mneme.train.metrics.TrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Saves a training so that it can go on from there, and lets it go on. */
final class Saver {
  private static final Logger LOG = LoggerFactory.getLogger(Saver.class);
  private static final long NONE = -1;

  private final TrainingSetup setup;
  private final Checkpoints checkpoints;
  private final TrainingStep training;
  private final Journal journal;
  private final MetricsWriter metrics;
  private final TrainingListener listener;
  private final boolean saving;
  private long step;
  private DataPosition position = DataPosition.START;
  private long savedStep = NONE;

  Saver(
      TrainingSetup setup,
      TrainingStep training,
      Journal journal,
      MetricsWriter metrics,
      TrainingListener listener,
      boolean saving) {
    this.setup = setup;
    this.checkpoints = setup.folder().checkpoints();
    this.training = training;
    this.journal = journal;
    this.metrics = metrics;
    this.listener = listener;
    this.saving = saving;
  }

  /** Takes everything back to where it was when a checkpoint was saved. */
  void restore(Checkpoint checkpoint) {
    TrainerState state = checkpoint.state();
    checkpoint.restore(setup.model(), training);
    journal.restore(state.progress());
    metrics.rewind(state.metricsBytes(), reported(state));
    reached(state.steps(), state.position());
    savedStep = step;
    LOG.info("resumed after step {} from {}", step, checkpoint.directory());
  }

  private ReportedSteps reported(TrainerState state) {
    JsonNode train = state.settings().path("train");
    boolean validates = setup.data().validation().isPresent();
    return new ReportedSteps(
        state.steps(),
        state.plannedSteps(),
        train.path("log_interval").asLong(),
        validates ? train.path("eval_interval").asLong() : -1);
  }

  /**
   * Notes that a step is over.
   *
   * @param next of the data
   */
  void reached(long done, DataPosition next) {
    training.ended();
    step = done;
    position = next;
  }

  /** Steps that are over. */
  long step() {
    return step;
  }

  /** The first sequence of the next step. */
  DataPosition position() {
    return position;
  }

  /** Saves what {@link #reached} told of. If files cannot be written, the training goes on. */
  void save() {
    try {
      saveOrThrow();
    } catch (IOException e) {
      LOG.error(
          "The checkpoint of step {} cannot be saved: {}. The training goes on, and the next one is"
              + " tried in its turn; the last good one is {}",
          step,
          e.getMessage(),
          lastGood());
    }
  }

  private String lastGood() {
    return checkpoints.newest().map(good -> good.directory().toString()).orElse("none");
  }

  /**
   * Saves what nothing will be tried after.
   *
   * @return where
   * @throws UserException if it cannot be saved
   */
  Path saveLast() {
    try {
      saveOrThrow();
      return checkpoints.after(step).directory();
    } catch (IOException e) {
      throw new UserException(
          checkpoints.after(step).directory()
              + ": the last checkpoint cannot be saved: "
              + e.getMessage()
              + "; the last good one is "
              + lastGood(),
          e);
    }
  }

  private void saveOrThrow() throws IOException {
    if (savedStep == step) {
      return;
    }
    FiniteGuard guard = new FiniteGuard(setup.model());
    if (!guard.weightsAreFinite()) {
      throw new UserException("after step " + step + ": " + guard.describe());
    }
    if (!saving) {
      return;
    }
    Checkpoint checkpoint = checkpoints.after(step);
    write(checkpoint);
    savedStep = step;
    rotate();
    listener.saved(step, checkpoint.directory());
  }

  private void rotate() {
    TrainConfig config = setup.run().train();
    try {
      checkpoints.rotate(config.keepLast(), config.keepBest());
    } catch (IOException e) {
      LOG.warn("{}: old checkpoints cannot be removed: {}", checkpoints.folder(), e.getMessage());
    }
  }

  private void write(Checkpoint checkpoint) throws IOException {
    checkpoint.save(setup.model(), setup.data().tokenizer(), training, state());
  }

  /** Saves what was learned before something went wrong; apart from the others if it is bad. */
  void saveAfter(Throwable reason) {
    if (!saving || step == 0) {
      return;
    }
    if (!Files.isDirectory(setup.folder().root())) {
      LOG.error("{}: was deleted; nothing is saved", setup.folder().root());
      return;
    }
    try {
      if (training.phase() == TrainingStep.Phase.GRADIENTS) {
        training.undoGradients();
      }
      boolean good = new FiniteGuard(setup.model()).weightsAreFinite();
      LOG.error(
          "Training stopped after {} of {} steps; the model is saved in {}",
          step,
          setup.plan().steps(),
          good ? saveGood() : saveBad());
    } catch (IOException | RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  /** In the middle of a step's moves there is nothing to go on from: what was saved stays. */
  private String saveGood() throws IOException {
    if (training.phase() == TrainingStep.Phase.MOVES) {
      return lastGood();
    }
    saveOrThrow();
    return checkpoints.after(step).directory().toString();
  }

  private String saveBad() throws IOException {
    write(new Checkpoint(setup.folder().failedCheckpoint()));
    return setup.folder().failedCheckpoint().toString();
  }

  private TrainerState state() throws IOException {
    return new TrainerState(
        TrainerState.FORMAT,
        step,
        setup.plan().steps(),
        step * setup.tokensPerStep(),
        position,
        setup.dataIdentity(),
        journal.progress(),
        metrics.sync(),
        new JsonConfig().tree(setup.run()),
        setup.versions());
  }
}
