// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import com.google.common.base.Verify;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.Checkpoints;
import org.mneme.train.config.RunConfig;

/**
 * The folder of a run and the names of what is in it.
 *
 * @param root the folder
 */
public record RunFolder(Path root) {
  private static final Pattern SUFFIX = Pattern.compile("(-\\d{8}-\\d{6})(-\\d{1,6})?$");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  /** Checks that there is a path. */
  public RunFolder {
    Objects.requireNonNull(root, "root");
  }

  /**
   * Makes a new folder {@code name-yyyyMMdd-HHmmss} in {@code runs}.
   *
   * @throws UserException if it cannot be made
   */
  public static RunFolder create(Path runs, String name) {
    return named(runs, name).createNew();
  }

  /**
   * Returns a folder {@code name-yyyyMMdd-HHmmss} in {@code runs}, followed by a number where one
   * of this name exists. It is not made yet, so that a run that cannot start leaves nothing behind;
   * {@link #createNew} makes it.
   *
   * @throws UserException if the name leaves {@code runs}, see {@link RunName}
   */
  public static RunFolder named(Path runs, String name) {
    String stem =
        RunName.require(name) + "-" + TIME.format(LocalDateTime.now(ZoneId.systemDefault()));
    RunFolder folder = new RunFolder(runs.resolve(stem));
    while (Files.exists(folder.root)) {
      folder = folder.next();
    }
    return folder;
  }

  /**
   * Makes this folder or, where another run has made it meanwhile, that of the next free number: no
   * two callers get the same one.
   *
   * @return the folder made
   * @throws UserException if it cannot be made, or exists and its name does not end with a time
   */
  public RunFolder createNew() {
    RunFolder folder = this;
    while (true) {
      try {
        Path runs = folder.root.toAbsolutePath().getParent();
        AtomicFile.createDirectories(runs);
        Files.createDirectory(folder.root);
        AtomicFile.forceDirectory(runs);
        return folder;
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder.root) || !SUFFIX.matcher(folder.fileName()).find()) {
          throw cannotBeMade(folder.root, e);
        }
        folder = folder.next();
      } catch (IOException e) {
        throw cannotBeMade(folder.root, e);
      }
    }
  }

  private static UserException cannotBeMade(Path root, IOException e) {
    return FileFault.cannotBe(root, "made", e);
  }

  /** The folder of the same name and time with the next number. */
  private RunFolder next() {
    Matcher suffix = SUFFIX.matcher(fileName());
    Verify.verify(suffix.find(), "%s does not end with a time", root);
    String stem = fileName().substring(0, suffix.end(1));
    int number = suffix.group(2) == null ? 2 : Integer.parseInt(suffix.group(2).substring(1)) + 1;
    return new RunFolder(root.resolveSibling(stem + "-" + number));
  }

  private String fileName() {
    return root.toAbsolutePath().normalize().getFileName().toString();
  }

  /** The name of the run: that of the folder, without the time. */
  public String name() {
    return SUFFIX.matcher(fileName()).replaceFirst("");
  }

  /** The whole configuration, a {@link RunConfig}. */
  public Path config() {
    return root.resolve("config.json");
  }

  /** What the run is: experiment, settings, versions, machine, data. */
  public Path info() {
    return root.resolve("info.json");
  }

  /** The tokenizer that was learned from the text of the run, if none is configured. */
  public Path tokenizer() {
    return root.resolve("tokenizer.json");
  }

  /** What a training in the background prints. */
  public Path log() {
    return root.resolve("run.log");
  }

  /** The number of the process that trains, as long as it does. */
  public Path pid() {
    return root.resolve("run.pid");
  }

  /** The process that trains here now, if there is one. */
  public Optional<ProcessHandle> process() {
    return ProcessFile.read(pid());
  }

  /**
   * Refuses a folder that holds a run, of which a new one would overwrite files.
   *
   * @throws UserException if there is one, finished or not
   */
  public void requireUnused() {
    Optional<Path> found = fileOfRun();
    if (found.isPresent()) {
      throw new UserException(
          root
              + ": found "
              + found.get().getFileName()
              + " of a run, expected a new folder. Resume that run or choose another folder");
    }
  }

  /** Returns whether nothing of a run is in the folder. */
  public boolean isUnused() {
    return fileOfRun().isEmpty();
  }

  private Optional<Path> fileOfRun() {
    return Stream.of(config(), info(), metrics(), checkpoints().folder())
        .filter(Files::exists)
        .findFirst();
  }

  /** One line for each event of the training. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** Event files for TensorBoard. */
  public Path tensorBoard() {
    return root.resolve("tensorboard");
  }

  /** The states of the training that were saved. */
  public Checkpoints checkpoints() {
    return new Checkpoints(root.resolve("checkpoints"));
  }

  /**
   * The checkpoint that a path means: its newest complete one if it is a run's folder, else itself.
   *
   * @throws UserException if it is a run's folder without a complete checkpoint
   */
  public static Path checkpointOf(Path given) {
    Checkpoints checkpoints = new RunFolder(given).checkpoints();
    if (!Files.isDirectory(checkpoints.folder())) {
      return given;
    }
    return checkpoints
        .newest()
        .map(Checkpoint::directory)
        .orElseThrow(
            () -> new UserException(checkpoints.folder() + ": no complete checkpoint is here yet"));
  }

  /** The state of a model whose weights were no longer finite, for finding out why. */
  public Path failedCheckpoint() {
    return root.resolve("checkpoint-failed");
  }

  /** The report that a person reads. */
  public Path report() {
    return root.resolve("report.html");
  }
}
