// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import java.io.IOException;
import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.5: vectors moved by EMA (decay 0.999, every step), fused by a gated MLP. */
public final class Experiment145 {
  private Experiment145() {}

  /** Trains on the JSONL files that the arguments name. */
  public static void main(String[] files) throws IOException {
    PublishedExperiment.main(PublishedSystem.EMA_VECTOR, Experiment145.class, files);
  }
}
