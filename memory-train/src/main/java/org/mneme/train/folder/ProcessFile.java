// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads files that hold the number of the process that wrote them. */
final class ProcessFile {
  /** Systems report the start of a process no finer than that. */
  private static final Duration CLOCK_STEP = Duration.ofSeconds(1);

  private ProcessFile() {}

  /** Returns the process whose number is in a file, if it is alive and can have written it. */
  static Optional<ProcessHandle> read(Path file) {
    try {
      Instant written = Files.getLastModifiedTime(file).toInstant();
      return ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
          .filter(ProcessHandle::isAlive)
          .filter(process -> startedBefore(written, process));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A process that was killed leaves its number, which the system may have given away since. */
  private static boolean startedBefore(Instant written, ProcessHandle process) {
    Instant latest = written.plus(CLOCK_STEP);
    return process.info().startInstant().map(started -> started.isBefore(latest)).orElse(true);
  }
}
