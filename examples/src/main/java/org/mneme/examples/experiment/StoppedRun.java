// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.util.List;
import org.mneme.eval.Evaluation;
import org.mneme.examples.Arguments;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;

/**
 * What a signal leaves of a run, and the commands that go on from there.
 *
 * @param folder of the run
 * @param isOnFiles whether it is a run of {@code train}, not of a program with its own documents
 */
public record StoppedRun(RunFolder folder, boolean isOnFiles) {

  /** What is left of a run with this configuration. */
  static StoppedRun of(RunFolder folder, RunConfig run) {
    return new StoppedRun(folder, !run.data().files().isEmpty());
  }

  /** What is left of a run that has written its configuration. */
  public static StoppedRun of(RunFolder folder) {
    return of(folder, RunConfig.readOfRun(folder.config()));
  }

  /** Returns what is left before the first step of a new run, or of one that was resumed. */
  String beforeSteps(boolean resumed) {
    String left =
        resumed
            ? "stopped before the next step: nothing was trained, "
                + folder.root()
                + " is as it was"
            : "stopped before the first step: nothing was trained, "
                + folder.root()
                + (isOnFiles ? " holds the settings of the run and no model" : " holds no model");
    return left + resume();
  }

  /** Returns what is left after the last step. */
  String beforeReport() {
    String left =
        "the model is saved in "
            + folder.checkpoints().folder()
            + "; the evaluation is stopped, what was measured is kept in "
            + folder.root().resolve(Evaluation.FILE);
    String root = folder.root().toString();
    return isOnFiles
        ? left + resume() + ", or measure it with " + Arguments.line(List.of("eval", root))
        : left + ". Measure it with " + Arguments.line(List.of("eval", root, "FILE"));
  }

  /** Returns the sentence with the command that continues the run; empty if there is none. */
  public String resume() {
    List<String> command = List.of("train", "--resume", folder.root().toString());
    return isOnFiles ? ". Continue with " + Arguments.line(command) : "";
  }
}
