// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import java.util.Objects;

/**
 * A document: the unit that is wrapped in begin and end tokens and that is never divided between
 * training and validation.
 *
 * @param text its text, possibly empty
 */
public record Document(String text) {

  /** Checks that there is a text. */
  public Document {
    Objects.requireNonNull(text, "text");
  }
}
