// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.5: vectors moved by EMA (decay 0.999, every step), fused by a gated MLP. */
public final class Experiment145 {
  private Experiment145() {}

  /** Trains on the JSONL files that the arguments name; takes the options of {@code train}. */
  public static void main(String[] arguments) {
    PublishedExperiment.main(PublishedSystem.EMA_VECTOR, arguments);
  }
}
