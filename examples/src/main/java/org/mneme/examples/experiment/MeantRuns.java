// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mneme.compute.UserException;
import org.mneme.model.io.FileFault;
import org.mneme.train.folder.RunFolder;

/** The runs that a user may mean by a path that is not a run's folder. */
public final class MeantRuns {
  private static final int MOST = 5;

  private MeantRuns() {}

  /**
   * Refuses a path that is not the folder of a run, naming those that it may mean: runs of this
   * name, the newest first, or the run to which a checkpoint belongs.
   *
   * @param given the path as typed
   * @param runs folder of runs
   * @throws UserException if it is not the folder of a run
   */
  static RunFolder require(Path given, Path runs) {
    RunFolder folder = new RunFolder(given);
    Optional<Path> owner = owner(given);
    if (owner.isPresent()) {
      throw refused(given, "a checkpoint", List.of(owner.get()));
    }
    if (!Files.exists(folder.config())) {
      String found = Files.isDirectory(given) ? "a folder without config.json" : "no such folder";
      throw refused(given, found, named(given, runs));
    }
    return folder;
  }

  /**
   * Returns the end of a message about a path that does not exist, which names the runs that it may
   * mean; empty if there are none.
   *
   * @param given the path as typed
   * @param runs folder of runs
   */
  public static String advice(Path given, Path runs) {
    return advice(named(given, runs));
  }

  private static String advice(List<Path> meant) {
    return meant.isEmpty()
        ? ""
        : ". You may mean " + meant.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  private static UserException refused(Path given, String found, List<Path> meant) {
    return new UserException(
        given + ": expected the folder of a run, got " + found + advice(meant));
  }

  /** Returns the run of a checkpoint, whose folder has a config.json too. */
  private static Optional<Path> owner(Path given) {
    Path checkpoints = given.toAbsolutePath().normalize().getParent();
    if (checkpoints == null || checkpoints.getParent() == null || !Files.isDirectory(given)) {
      return Optional.empty();
    }
    RunFolder run = new RunFolder(checkpoints.getParent());
    boolean owns = run.checkpoints().folder().equals(checkpoints) && Files.exists(run.config());
    return owns ? Optional.of(run.root()) : Optional.empty();
  }

  private static List<Path> named(Path given, Path runs) {
    Path name = given.toAbsolutePath().normalize().getFileName();
    if (name == null) {
      return List.of();
    }
    Path parent = given.getParent();
    return Stream.of(runs, parent == null ? Path.of("") : parent)
        .flatMap(folder -> runsIn(folder, name.toString()))
        .distinct()
        .sorted(Comparator.comparing(Path::getFileName).reversed())
        .limit(MOST)
        .toList();
  }

  private static Stream<Path> runsIn(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(path -> path.getFileName().toString().startsWith(name))
          .filter(path -> Files.exists(new RunFolder(path).config()))
          .toList()
          .stream();
    } catch (IOException e) {
      throw FileFault.cannotBe(folder, "listed", e);
    }
  }
}
