// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.0: the baseline, SwiGLU feed-forward layers and no memory. */
public final class Experiment140 {
  private Experiment140() {}

  /** Trains on the JSONL files that the arguments name; takes the options of {@code train}. */
  public static void main(String[] arguments) {
    PublishedExperiment.main(PublishedSystem.ORIGINAL, arguments);
  }
}
