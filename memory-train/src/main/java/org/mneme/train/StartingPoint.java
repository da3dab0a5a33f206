// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.io.FileFault;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.Checkpoints;
import org.mneme.train.checkpoint.TrainerState;
import org.mneme.train.metrics.MetricsWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where in a run's folder a training begins: at its beginning, or at a checkpoint. */
final class StartingPoint {
  private static final Logger LOG = LoggerFactory.getLogger(StartingPoint.class);

  private final TrainingSetup setup;
  private final Checkpoints checkpoints;
  private final MetricsWriter metrics;

  /** A starting point in a folder that belongs to this training alone, as the metrics do. */
  StartingPoint(TrainingSetup setup, MetricsWriter metrics) {
    this.setup = setup;
    this.checkpoints = setup.folder().checkpoints();
    this.metrics = metrics;
  }

  /**
   * Checks that there is nothing to lose.
   *
   * @throws UserException if a training was here before
   */
  Optional<Checkpoint> ofNewRun() {
    if (metrics.length() > 0 || !checkpoints.complete().isEmpty()) {
      throw new UserException(
          setup.folder().root()
              + ": found the metrics or checkpoints of a run, expected a new folder; resume that"
              + " run or choose another folder");
    }
    return Optional.empty();
  }

  /**
   * Finds where a run goes on; empty for its beginning, if it was never saved.
   *
   * @throws UserException if settings or data are others that matter, or no checkpoint is intact
   */
  Optional<Checkpoint> ofResume() {
    clean();
    Optional<Checkpoint> newest = checkpoints.newestIntact();
    if (newest.isPresent()) {
      TrainerState state = newest.get().state();
      new ResumeCheck(setup.run(), setup.dataIdentity()).require(state);
      warnOfOtherMachine(state);
      warnOfOtherStreams(state);
      checkpoints.setAsideNewerThan(newest.get());
    }
    return newest;
  }

  private void clean() {
    try {
      checkpoints.clean();
    } catch (IOException e) {
      throw FileFault.cannotBe(checkpoints.folder(), "cleaned up", e);
    }
  }

  /** The order of the data is what it was; what memories draw by chance is not. */
  private void warnOfOtherStreams(TrainerState state) {
    boolean draws =
        setup.run().train().revives() || setup.run().model().emaRule() == EmaRule.EPISODIC;
    if (draws && !TrainingSetup.STREAMS.equals(state.versions().get("streams"))) {
      LOG.warn(
          "the checkpoint was saved by a version that drew other random numbers: revival and the"
              + " rule episodic choose differently from here on than an uninterrupted training"
              + " would have; all else is as it was");
    }
  }

  private void warnOfOtherMachine(TrainerState state) {
    String then = state.versions().get("device");
    String now = setup.versions().get("device");
    if (!now.equals(then)) {
      LOG.warn("resumed on {}, saved on {}: the bits may differ from here on", now, then);
    }
  }
}
