// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.google.common.base.Stopwatch;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.eval.record.Findings;
import org.mneme.model.LanguageModel;
import org.mneme.model.io.FileFault;
import org.mneme.train.Trainer;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.FolderLock;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.folder.RunLock;
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

  /**
   * The end of a run.
   *
   * @param evaluation what was measured, perhaps not all
   * @param cost of training and evaluation
   */
  record Outcome(Evaluation evaluation, RunCost cost) {}

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
   * Returns whether it was finished before: then its evaluation is complete.
   *
   * @throws UserException if there is something of a run of another configuration, or what is there
   *     cannot be read
   */
  boolean isFinished() {
    Path evaluation = folder.root().resolve(Evaluation.FILE);
    if (isStarted() && Files.exists(folder.config())) {
      requireSame(RunConfig.readOfRun(folder.config()));
    }
    return Files.exists(evaluation) && Evaluation.read(evaluation).isComplete();
  }

  /** Whether there is something of it that is worth keeping. */
  private boolean isStarted() {
    return Files.exists(folder.root().resolve(Evaluation.FILE))
        || folder.checkpoints().newest().isPresent();
  }

  private void requireSame(RunConfig before) {
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
  }

  /**
   * Trains and evaluates. An interrupted earlier attempt is resumed from its checkpoint, also one
   * whose training ended and whose evaluation did not; one without a checkpoint is removed.
   *
   * @param device opened for this run, so that its peak of memory is its own
   * @param command what to type to do it again
   * @param keepsCheckpoint whether the trained model is left in the folder after its evaluation
   */
  Outcome run(
      Device device, StudyTexts texts, StudyEvaluation how, String command, boolean keepsCheckpoint)
      throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      boolean resumed = folder.checkpoints().newest().isPresent();
      if (!resumed) {
        removeFiles(folder.root());
      }
      lock.announce();
      return train(device, texts, how, command, keepsCheckpoint, lock, resumed);
    }
  }

  private Outcome train(
      Device device,
      StudyTexts texts,
      StudyEvaluation how,
      String command,
      boolean keepsCheckpoint,
      RunLock lock,
      boolean resumed)
      throws IOException {
    TrainingData data = texts.of(config);
    try (LanguageModel model = config.createModel(device)) {
      Trainer trainer =
          new Trainer(model, config, data, folder)
              .lockedBy(lock.lock())
              .listen(ProgressBar.onStandardError(name()));
      // Saved before it is evaluated: what goes wrong there must not cost the training.
      TrainingResult trained = (resumed ? trainer.resume() : trainer).train();
      Outcome outcome = evaluate(new RunEvaluator(how, texts), model, data, trained, command);
      if (!keepsCheckpoint && outcome.evaluation().isComplete()) {
        remove(folder.checkpoints().folder());
      }
      return outcome;
    }
  }

  private Outcome evaluate(
      RunEvaluator evaluator,
      LanguageModel model,
      TrainingData data,
      TrainingResult trained,
      String command) {
    Stopwatch stopwatch = Stopwatch.createStarted();
    Supplier<RunCost> cost = () -> RunCost.of(system, trained, seconds(stopwatch.elapsed()));
    Evaluation evaluation =
        evaluator
            .parts(model, data, trained, folder)
            .add("findings", part -> write(evaluator.findings(model, data, command)))
            .add(RunCost.EVENT, part -> write(cost.get()))
            .measure();
    return new Outcome(evaluation, cost.get());
  }

  private void write(Findings findings) {
    try {
      findings.write(folder.root());
    } catch (IOException e) {
      throw FileFault.cannotBe(folder.root(), "written", e);
    }
  }

  private void write(RunCost cost) {
    try (MetricsWriter metrics = new MetricsWriter(folder.metrics())) {
      metrics.write(RunCost.EVENT, cost);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }

  /** Removes all that an attempt without a checkpoint has left, but for the lock. */
  private static void removeFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (!FolderLock.isLockFile(file)) {
          remove(file);
        }
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }
}
