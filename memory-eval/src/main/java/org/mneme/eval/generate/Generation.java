// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import java.util.List;
import java.util.Objects;
import org.mneme.eval.report.document.Sample;

/**
 * A text that a model wrote.
 *
 * @param prompt what it was given
 * @param text what it added
 * @param tokens the ids of what it added, without the end token that stopped it
 * @param stopReason why it stopped
 */
public record Generation(String prompt, String text, List<Integer> tokens, StopReason stopReason) {
  /** Copies the list. */
  public Generation {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(stopReason, "stopReason");
    tokens = List.copyOf(tokens);
  }

  /** The text as a report shows it. */
  public Sample reported() {
    return new Sample(prompt, text);
  }
}
