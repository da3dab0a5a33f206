// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.List;

/** The figures of a benchmark as tables for a console. */
interface BenchReport {
  /** Where the time of a system's steps went. */
  String operations(BenchResult result);

  /** All systems beside each other. */
  String summary(List<BenchResult> results);
}
