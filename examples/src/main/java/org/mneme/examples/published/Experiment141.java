// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.1: 65,536 learned vectors of 128, 8 selected, read by cross-attention. */
public final class Experiment141 {
  private Experiment141() {}

  /** Trains on the JSONL files that the arguments name; takes the options of {@code train}. */
  public static void main(String[] arguments) {
    PublishedExperiment.main(PublishedSystem.CROSS_ATTENTION, arguments);
  }
}
