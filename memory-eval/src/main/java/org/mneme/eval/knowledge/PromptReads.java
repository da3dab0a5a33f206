// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.List;

/**
 * An entry that memory layers select while they read a prompt.
 *
 * @param entry its index
 * @param weight the sum of its weights, over positions, layers and heads
 * @param places where it is selected, in the order of layers and positions
 */
public record PromptReads(int entry, double weight, List<SelectedPlace> places) {
  /** Copies the list. */
  public PromptReads {
    places = List.copyOf(places);
  }
}
