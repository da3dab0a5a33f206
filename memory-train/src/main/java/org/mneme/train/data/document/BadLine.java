// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import java.util.Objects;

/**
 * A line that was left out.
 *
 * @param file the file
 * @param line its number, from 1
 * @param problem what was found there
 */
public record BadLine(String file, long line, String problem) {

  /** Refuses null. */
  public BadLine {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(problem, "problem");
  }

  @Override
  public String toString() {
    return file + ", line " + line + ": " + problem;
  }
}
