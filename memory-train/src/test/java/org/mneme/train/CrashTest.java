// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.io.testing.FaultyFileSystem;
import org.mneme.model.io.testing.FaultyFileSystem.Operation;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.WatchConfig;
import org.mneme.train.folder.RunFolder;

/**
 * Trains on a disk whose power fails at moments from the first file to the last, loses what was not
 * forced, and resumes: the result is that of a training without interruption.
 */
class CrashTest extends TinyTest {
  /** Moments that are tried; each costs a training and a half. */
  private static final int MOMENTS = 16;

  /** Saves after the steps 2, 4, 6 and 7, and removes the first two. */
  private static RunConfig run() {
    RunConfig run =
        tiny.run(
            tiny.model(PublishedSystem.EMA_TOKEN).emaUpdateFreq(3).build(),
            Tiny.train()
                .maxSteps(7)
                .logInterval(2)
                .evalInterval(3)
                .saveInterval(2)
                .keepLast(2)
                .keepBest(0)
                .build());
    return run.withWatch(WatchConfig.builder().tensorboard(false).build());
  }

  private static Path runOn(FaultyFileSystem files) {
    return files.getPath("/runs/run");
  }

  private static void train(RunConfig run, FaultyFileSystem files, boolean resume) {
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, runOn(files));
      (resume ? trainer.resume() : trainer).train();
    } finally {
      files.assertAllClosed();
    }
  }

  private static void assertSame(FaultyFileSystem files, Path target, Path whole)
      throws IOException {
    for (Path path : MoreFiles.fileTraverser().depthFirstPreOrder(runOn(files))) {
      Files.copy(path, target.resolve(runOn(files).relativize(path).toString()));
    }
    RunFiles.assertEqual(target, whole);
  }

  @Test
  void aResumeAfterALossOfPowerLosesNothing() throws IOException {
    RunConfig run = run();
    FaultyFileSystem quiet = FaultyFileSystem.create();
    quiet.powerOffAt(0);
    train(run, quiet, false);
    Path whole = folder.resolve("whole");
    assertSame(quiet, Files.createDirectories(whole).resolve("run"), tinyRun(run));
    int operations = quiet.operations();
    assertThat(operations).isGreaterThan(2 * MOMENTS);
    for (int moment = 0; moment < MOMENTS; moment++) {
      FaultyFileSystem files = FaultyFileSystem.create();
      files.powerOffAt(1 + moment * (operations - 1) / (MOMENTS - 1));
      trainUntilPowerIsOff(run, files);
      FaultyFileSystem found = moment % 2 == 0 ? files.afterCrash() : files.afterCrashWithNames();
      train(run, found, true);
      assertSame(found, folder.resolve("crashed-" + moment), whole.resolve("run"));
    }
  }

  private static void trainUntilPowerIsOff(RunConfig run, FaultyFileSystem files) {
    try {
      train(run, files, false);
    } catch (UserException e) {
      assertThat(e).hasMessageContaining(runOn(files).toString());
    }
    assertThat(files.isOff()).isTrue();
  }

  private Path tinyRun(RunConfig run) {
    tiny.train(run, folder.resolve("plain"));
    return folder.resolve("plain");
  }

  /** Saving, rotating and writing metrics fail one by one; the next attempt makes it good. */
  @Test
  void oneFailureOfTheDiskEndsNoTraining() {
    RunConfig run = run();
    for (Operation operation : new Operation[] {Operation.RENAME, Operation.DELETE}) {
      for (int number = 3; number < 24; number += 4) {
        FaultyFileSystem files = FaultyFileSystem.create();
        files.failAt(operation, number);
        train(run, files, false);
        Optional<Checkpoint> newest = new RunFolder(runOn(files)).checkpoints().newestIntact();
        assertThat(newest.orElseThrow().state().steps()).isEqualTo(7);
      }
    }
  }

  @Test
  void aFileSystemWithoutLocksIsTrainedOn() {
    FaultyFileSystem files = FaultyFileSystem.create();
    files.withoutLocks();
    train(run(), files, false);
    assertThat(new RunFolder(runOn(files)).checkpoints().newestIntact()).isPresent();
  }
}
