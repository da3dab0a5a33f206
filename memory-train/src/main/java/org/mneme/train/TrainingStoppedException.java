// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;

/** A training ended before its last step, as it was asked to, and can be resumed. */
public final class TrainingStoppedException extends RuntimeException {
  private final Path run;

  /** The end of a training after a step of which there is a checkpoint. */
  TrainingStoppedException(TrainingSetup setup, long step) {
    super(
        "stopped after "
            + step
            + " of "
            + setup.plan().steps()
            + " steps; saved in "
            + setup.folder().checkpoints().after(step).directory());
    this.run = setup.folder().root();
  }

  /** The folder of the run that can be resumed. */
  public Path run() {
    return run;
  }
}
