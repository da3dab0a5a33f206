// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What is dead. */
public enum AlarmKind {
  /** A tensor that is trained gets no gradient. */
  NO_GRADIENT,
  /** Nearly the same entries are read whatever the text is. */
  USAGE_COLLAPSED,
  /** Entries hold one token at every place. */
  SAME_TOKENS;

  /** The name on disk. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
