// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.6: 1,048,576 entries of 8 token ids moved by EMA (decay 0.9, every 5 steps). */
public final class Experiment146 {
  private Experiment146() {}

  /** Trains on the JSONL files that the arguments name; takes the options of {@code train}. */
  public static void main(String[] arguments) {
    PublishedExperiment.main(PublishedSystem.EMA_TOKEN, arguments);
  }
}
