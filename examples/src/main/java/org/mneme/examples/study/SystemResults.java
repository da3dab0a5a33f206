// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The results of a system over its seeds.
 *
 * @param system what was trained
 * @param runs one for each seed that was finished
 */
record SystemResults(PlannedSystem system, List<RunResult> runs) {
  /** Copies the list. */
  SystemResults {
    runs = List.copyOf(runs);
  }

  /** Mean and spread of a value over the seeds that have it. */
  Spread of(Function<RunResult, OptionalDouble> value) {
    return Spread.of(runs.stream().map(value).flatMapToDouble(OptionalDouble::stream).toArray());
  }
}
