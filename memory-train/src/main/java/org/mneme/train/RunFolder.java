// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.Checkpoints;
import org.mneme.train.config.RunConfig;

/**
 * The folder of a run and the names of what is in it.
 *
 * @param root the folder
 */
public record RunFolder(Path root) {
  private static final String SUFFIX = "-\\d{8}-\\d{6}(-\\d+)?$";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  /** Systems tell the start of a process no finer than that. */
  private static final Duration CLOCK_STEP = Duration.ofSeconds(1);

  /** Checks that there is a path. */
  public RunFolder {
    Objects.requireNonNull(root, "root");
  }

  /**
   * Makes a folder {@code name-yyyyMMdd-HHmmss} in {@code runs}.
   *
   * @throws UserException if it cannot be made
   */
  public static RunFolder create(Path runs, String name) {
    RunFolder folder = named(runs, name);
    folder.make();
    return folder;
  }

  /**
   * A folder {@code name-yyyyMMdd-HHmmss} in {@code runs}, with a number behind it where there is
   * one of this name already. It is made when the training begins, so that a run that cannot begin
   * leaves nothing behind.
   */
  public static RunFolder named(Path runs, String name) {
    String stem = name + "-" + TIME.format(LocalDateTime.now(ZoneId.systemDefault()));
    Path root = runs.resolve(stem);
    for (int number = 2; Files.exists(root); number++) {
      root = runs.resolve(stem + "-" + number);
    }
    return new RunFolder(root);
  }

  /** The name of the run: that of the folder, without the time. */
  public String name() {
    return root.toAbsolutePath().normalize().getFileName().toString().replaceFirst(SUFFIX, "");
  }

  /** Makes the folder unless it is there. */
  void make() {
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new UserException(root + ": the run's folder cannot be made: " + e, e);
    }
  }

  /** The whole configuration, a {@link RunConfig}. */
  public Path config() {
    return root.resolve("config.json");
  }

  /** What the run is: experiment, settings, versions, machine, data. */
  public Path info() {
    return root.resolve("info.json");
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
    try {
      Instant written = Files.getLastModifiedTime(pid()).toInstant();
      return ProcessHandle.of(Long.parseLong(Files.readString(pid()).strip()))
          .filter(ProcessHandle::isAlive)
          .filter(process -> startedBefore(written, process));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A training that was killed leaves its number, which the system may have given away since. */
  private static boolean startedBefore(Instant written, ProcessHandle process) {
    Instant latest = written.plus(CLOCK_STEP);
    return process.info().startInstant().map(started -> started.isBefore(latest)).orElse(true);
  }

  /**
   * Refuses a folder in which another process trains, before anything of that is touched.
   *
   * @throws UserException if there is one
   */
  public void requireIdle() {
    Optional<ProcessHandle> running =
        process().filter(process -> !process.equals(ProcessHandle.current()));
    if (running.isPresent()) {
      throw new UserException(
          root + ": a training of this folder runs, process " + running.get().pid());
    }
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
