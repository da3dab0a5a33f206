// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.2: 65,536 learned vectors of 128, 8 selected, fused by a gated MLP. */
public final class Experiment142 {
  private Experiment142() {}

  /** Trains on the JSONL files that the arguments name; takes the options of {@code train}. */
  public static void main(String[] arguments) {
    PublishedExperiment.main(PublishedSystem.GATED_MLP, arguments);
  }
}
