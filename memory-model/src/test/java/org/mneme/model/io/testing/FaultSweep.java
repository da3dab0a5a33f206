// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.mneme.model.io.testing.FaultyFileSystem.Operation;

/**
 * Makes a change of files again and again, each time with another operation failing.
 *
 * @param start what the change finds
 * @param change what is done
 */
public record FaultSweep(Start start, Change change) {
  /** Creates a file system as it is before the change. */
  @FunctionalInterface
  public interface Start {
    /** Returns a new file system. */
    FaultyFileSystem create() throws IOException;
  }

  /** A change of files. */
  @FunctionalInterface
  public interface Change {
    /** Makes the change. */
    void apply(FaultyFileSystem files) throws IOException;
  }

  /** Checks what is found after a fault. */
  @FunctionalInterface
  public interface Check {
    /**
     * Checks files.
     *
     * @param changed whether the change was made without an error
     */
    void of(FaultyFileSystem files, boolean changed) throws IOException;
  }

  /** Makes the change; returns whether it was made without an error. */
  public boolean succeeds(FaultyFileSystem files) {
    try {
      change.apply(files);
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      files.assertAllClosed();
    }
  }

  /** Lets each operation of a kind fail in turn. */
  public void failures(Operation operation, Check check) throws IOException {
    for (int number = 1; ; number++) {
      FaultyFileSystem files = start.create();
      files.failAt(operation, number);
      boolean changed = succeeds(files);
      if (files.count(operation) < number) {
        return;
      }
      check.of(files, changed);
    }
  }

  /**
   * Turns the power off before each operation in turn, until the change is made. What is found
   * afterwards is checked with and without the names of files that were not forced.
   *
   * @param lenient whether the last operation may fail without an error: then the change counts as
   *     made only where the power stays on
   * @return the number of moments
   */
  public int powerLosses(boolean lenient, Check check) throws IOException {
    int moments = 0;
    boolean done = false;
    while (!done) {
      FaultyFileSystem files = start.create();
      files.powerOffAt(++moments);
      done = succeeds(files) && !(lenient && files.isOff());
      for (FaultyFileSystem found : List.of(files.afterCrash(), files.afterCrashWithNames())) {
        check.of(found, done);
      }
    }
    return moments;
  }

  /** Returns the names in a directory. */
  public static List<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }
}
