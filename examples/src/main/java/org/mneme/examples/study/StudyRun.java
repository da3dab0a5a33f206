// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.google.common.base.Stopwatch;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.model.LanguageModel;
import org.mneme.train.RunFolder;
import org.mneme.train.Trainer;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.metrics.MetricsWriter;
import org.mneme.train.metrics.ProgressBar;

/**
 * One system with one seed and its folder.
 *
 * @param system what is trained
 * @param seed of first values and of the order of the data
 * @param config the complete configuration
 * @param folder where its files go
 */
record StudyRun(PlannedSystem system, long seed, RunConfig config, RunFolder folder) {
  private static final double MILLIS = 1e3;

  static StudyRun of(PlannedSystem system, long seed, StudyTexts texts, Path root) {
    RunFolder folder = new RunFolder(root.resolve(name(system, seed)));
    return new StudyRun(system, seed, texts.named(system.withSeed(seed)), folder);
  }

  private static String name(PlannedSystem system, long seed) {
    return system.name() + "-s" + seed;
  }

  /** The name of its folder. */
  String name() {
    return name(system, seed);
  }

  /**
   * Whether it was finished before: its evaluation is written last.
   *
   * @throws UserException if it was finished with another configuration
   */
  boolean isFinished() {
    if (!Files.exists(folder.root().resolve(Evaluation.FILE))) {
      return false;
    }
    RunConfig before = RunConfig.read(folder.config());
    boolean same =
        before.model().equals(config.model())
            && before.train().equals(config.train())
            && before.data().equals(config.data());
    if (!same) {
      throw new UserException(
          folder.root()
              + ": holds a run of another configuration than the study asks for; delete it to run"
              + " it again, or give the study another name");
    }
    return true;
  }

  /**
   * Trains and evaluates; an unfinished earlier attempt is removed.
   *
   * @param device opened for this run, so that its peak of memory is its own
   * @param command what to type to do it again
   * @param keepsCheckpoint whether the trained model is left in the folder
   * @return what came out of it, in a line
   */
  String run(
      Device device, StudyTexts texts, StudyEvaluation how, String command, boolean keepsCheckpoint)
      throws IOException {
    remove(folder.root());
    TrainingData data = texts.of(config);
    RunEvaluator evaluator = new RunEvaluator(how, texts);
    try (LanguageModel model = config.createModel(device)) {
      Trainer trainer =
          new Trainer(model, config, data, folder).listen(ProgressBar.onStandardError(name()));
      if (!keepsCheckpoint) {
        trainer.withoutCheckpoints();
      }
      TrainingResult trained = trainer.train();
      Stopwatch stopwatch = Stopwatch.createStarted();
      Evaluation evaluation = evaluator.evaluate(model, data, trained, folder.metrics());
      evaluator.findings(model, data, command).write(folder.root());
      RunCost cost = RunCost.of(system, trained, seconds(stopwatch.elapsed()));
      try (MetricsWriter metrics = new MetricsWriter(folder.metrics())) {
        metrics.write(RunCost.EVENT, cost);
      }
      evaluation.write(folder.root().resolve(Evaluation.FILE));
      return RunLine.of(evaluation, cost);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }
}
