// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.Objects;

/**
 * A generated text.
 *
 * @param prompt what the model was given
 * @param text what it wrote after it
 */
public record Sample(String prompt, String text) {
  /** Refuses null. */
  public Sample {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(text, "text");
  }
}
