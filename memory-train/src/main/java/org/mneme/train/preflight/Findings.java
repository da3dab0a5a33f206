// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;

/** What checks found wrong, so that all of it is told at once. */
final class Findings {
  private final List<String> problems = new ArrayList<>();
  private UserException first;

  /** Notes a problem. */
  void problem(String text) {
    problems.add(text);
  }

  /** Runs a check and notes what it fails with. */
  void attempt(Runnable check) {
    try {
      check.run();
    } catch (UserException e) {
      first = first == null ? e : first;
      problem(e.getMessage());
    }
  }

  /** Returns the number of problems noted so far. */
  int count() {
    return problems.size();
  }

  /** Fails with all problems; one alone stands for itself. */
  void throwIfAny() {
    if (problems.isEmpty()) {
      return;
    }
    String message =
        problems.size() == 1
            ? problems.get(0)
            : "the run cannot begin, "
                + problems.size()
                + " problems:\n  - "
                + String.join("\n  - ", problems);
    throw new UserException(message, first);
  }
}
