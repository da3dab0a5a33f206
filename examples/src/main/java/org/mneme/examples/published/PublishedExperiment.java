// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mneme.examples.Mneme;
import org.mneme.model.config.PublishedSystem;

/** Trains a published system at its published size, as {@code ./mneme train --system ID} does. */
final class PublishedExperiment {
  private PublishedExperiment() {}

  static void main(PublishedSystem system, String[] arguments) {
    List<String> train = new ArrayList<>(List.of("train", "--system", system.id()));
    train.addAll(Arrays.asList(arguments));
    Mneme.main(train.toArray(String[]::new));
  }
}
