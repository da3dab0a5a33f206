// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.BadLine;
import org.mneme.train.data.document.SkippedLines;

/** Stops at a bad line of a file, or counts it. */
final class BadLineCount {

  private final Path file;
  private final BadLines policy;
  private final String expected;
  private SkippedLines skipped = SkippedLines.NONE;

  /**
   * No bad line yet.
   *
   * @param expected what a good line is, for messages
   */
  BadLineCount(Path file, BadLines policy, String expected) {
    this.file = file;
    this.policy = policy;
    this.expected = expected;
  }

  /**
   * Counts a line, unless it is to stop everything.
   *
   * @throws UserException naming file, line, what was found and what was expected
   */
  void add(long line, BadLineException problem) {
    if (!policy.skips()) {
      throw stop(line, problem, "");
    }
    if (policy.limit() > 0 && skipped.count() == policy.limit()) {
      String before = "; skipped before it: " + skipped.count() + ", the limit of max_bad_lines";
      throw stop(line, problem, before);
    }
    skipped = skipped.with(new BadLine(file.toString(), line, problem.getMessage()));
  }

  /** An error at a line, whatever the policy. */
  UserException stop(long line, BadLineException problem, String more) {
    return new UserException(
        String.format(
            Locale.ROOT,
            "%s, line %d: %s; expected %s%s%s",
            file,
            line,
            problem.getMessage(),
            expected,
            more,
            problem.advice()),
        problem);
  }

  SkippedLines skipped() {
    return skipped;
  }
}
