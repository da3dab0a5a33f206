// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import java.io.IOException;
import org.mneme.model.config.PublishedSystem;

/** Experiment 1.4.1: 65,536 learned vectors of 128, 8 selected, read by cross-attention. */
public final class Experiment141 {
  private Experiment141() {}

  /** Trains on the JSONL files that the arguments name. */
  public static void main(String[] files) throws IOException {
    PublishedExperiment.main(PublishedSystem.CROSS_ATTENTION, Experiment141.class, files);
  }
}
