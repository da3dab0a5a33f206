// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.mneme.compute.UserException;
import org.mneme.eval.record.RecordedRun;
import org.mneme.model.io.FileFault;

/** Finds runs among what a user names. */
final class RunFolders {
  /** A folder of runs, or a folder of such folders. */
  private static final int DEPTH = 2;

  private RunFolders() {}

  /**
   * The runs of these folders: a folder of a run stands for itself, another for all runs in it.
   *
   * @throws UserException if there is none in one of them
   */
  static List<RecordedRun> read(List<Path> folders) {
    List<RecordedRun> runs = new ArrayList<>();
    for (Path folder : folders) {
      List<Path> found = new ArrayList<>();
      find(folder, DEPTH, found);
      if (found.isEmpty()) {
        throw new UserException(
            folder + ": no run is there: found no folder with a config.json or a metrics.jsonl");
      }
      found.forEach(path -> runs.add(RecordedRun.read(path)));
    }
    return runs;
  }

  /**
   * The runs that a configuration names as its baseline: those at a path, else those of that name
   * or version beside the run.
   *
   * @param baseline what is named; may be empty
   */
  static List<RecordedRun> baselines(Path run, String baseline) {
    if (baseline.isEmpty()) {
      return List.of();
    }
    if (Files.isDirectory(Path.of(baseline))) {
      return read(List.of(Path.of(baseline)));
    }
    Path parent = run.toAbsolutePath().normalize().getParent();
    return folders(parent).stream()
        .filter(RecordedRun::isRun)
        .map(RecordedRun::read)
        .filter(other -> other.system().equals(baseline) || other.name().equals(baseline))
        .toList();
  }

  /** Adds the runs of a folder by name, down to some depth. */
  private static void find(Path folder, int depth, List<Path> found) {
    if (RecordedRun.isRun(folder)) {
      found.add(folder);
    } else if (depth > 0) {
      for (Path inner : folders(folder)) {
        find(inner, depth - 1, found);
      }
    }
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> inner = Files.list(folder)) {
      return inner.filter(Files::isDirectory).sorted().toList();
    } catch (NoSuchFileException e) {
      throw new UserException(folder + ": no such folder, expected a run or a folder of runs", e);
    } catch (IOException e) {
      throw FileFault.cannotBe(folder, "listed", e);
    }
  }
}
