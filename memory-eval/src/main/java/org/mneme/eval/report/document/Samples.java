// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import java.util.Objects;

/**
 * What one run wrote.
 *
 * @param label the name of the run
 * @param samples its texts
 */
public record Samples(String label, List<Sample> samples) {
  /** Copies the list. */
  public Samples {
    Objects.requireNonNull(label, "label");
    samples = List.copyOf(samples);
  }
}
