// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.util.Objects;
import org.mneme.compute.UserException;

/**
 * What happens at a line that is not what a line should be.
 *
 * @param action stop or go on without it
 * @param limit most lines of a file that are skipped, a further one stops; 0 for no limit
 */
public record BadLines(Action action, long limit) {

  /** The first bad line is an error. */
  public static final BadLines STOP = new BadLines(Action.STOP, 0);

  /** The choice. */
  public enum Action {
    /** An error that names file and line. */
    STOP,
    /** The line is left out and counted. */
    SKIP
  }

  /** Checks the limit. */
  public BadLines {
    Objects.requireNonNull(action, "action");
    if (limit < 0) {
      throw new UserException("max_bad_lines is " + limit + ", expected at least 0");
    }
  }

  /** Bad lines are left out, up to a limit; 0 for no limit. */
  public static BadLines skip(long limit) {
    return new BadLines(Action.SKIP, limit);
  }

  /** For hashes: what was read with one policy is not found by another, unless both stop. */
  String inWords() {
    return skips() ? "|skip " + limit : "";
  }

  boolean skips() {
    return action == Action.SKIP;
  }
}
