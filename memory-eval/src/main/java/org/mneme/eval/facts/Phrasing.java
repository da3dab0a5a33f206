// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a model can have seen a sentence in training. */
public enum Phrasing {
  /** A form of words that biographies use. */
  @JsonProperty("train")
  TRAIN,
  /** A form of words that no biography uses. */
  @JsonProperty("held_out")
  HELD_OUT;

  /** The name on disk. */
  public String id() {
    return this == TRAIN ? "train" : "held_out";
  }
}
