// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.mneme.compute.UserException;
import org.mneme.eval.facts.FactFiles;
import org.mneme.examples.experiment.HeldOut;
import org.mneme.examples.experiment.HeldOutText;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;

/**
 * The folder of a study. It keeps the study, since the configuration of a run in it does not tell
 * the text that the study held out: a corpus has no file, and of biographies nothing is held out.
 *
 * @param root the folder
 */
public record StudyFolder(Path root) {
  private static final String FILE = "study.json";

  /**
   * The study that a run is of; empty if it is of none.
   *
   * @throws UserException if the run is of a study that was not kept
   */
  public static Optional<StudyFolder> of(RunFolder folder, RunConfig run) {
    StudyFolder study =
        new StudyFolder(folder.root().toAbsolutePath().normalize().resolveSibling(""));
    if (Files.exists(study.file())) {
      return Optional.of(study);
    }
    if (study.toldBiographies(run)) {
      throw new UserException(
          study.file()
              + ": no such file; the run is of a study, and what that held out is told there: run"
              + " the study again, which keeps finished runs, or give a FILE");
    }
    return Optional.empty();
  }

  private Path file() {
    return root.resolve(FILE);
  }

  private boolean toldBiographies(RunConfig run) {
    Path own = facts().biographies();
    return run.data().files().stream()
        .anyMatch(file -> Path.of(file).toAbsolutePath().normalize().equals(own));
  }

  private FactFiles facts() {
    return new FactFiles(root.resolve("facts"));
  }

  /** Keeps the study. */
  void write(StudyConfig study) throws IOException {
    new JsonConfig().write(file(), study);
  }

  /**
   * Opens the text of a run as the study divided it.
   *
   * @param use gets it while it is open
   * @throws UserException if the text is no longer there
   */
  public <T> T withText(RunConfig run, Function<HeldOutText, T> use) {
    StudyConfig study = new JsonConfig().readRecord(file(), StudyConfig.class);
    if (study == null) {
      throw new UserException(file() + ": expected a study, got null");
    }
    try (StudyTexts texts = StudyTexts.open(study, run, run.model().maxSeqLen(), root)) {
      String source = HeldOut.source(texts.heldOutOf());
      return use.apply(new HeldOutText(texts.of(run), source, study.evaluation().batches()));
    } catch (IOException e) {
      throw new UncheckedIOException(root + ": the text of the study cannot be opened", e);
    }
  }
}
