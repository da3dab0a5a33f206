// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Objects;

/**
 * A place at which an entry is selected.
 *
 * @param layer number of the block
 * @param position of the token, 0 for the begin token
 * @param token its text
 * @param head number of the query head
 * @param slot number of the slot, 0 for the best entry
 * @param weight of the entry among those selected there by the same head, 0 to 1
 */
public record SelectedPlace(
    int layer, int position, String token, int head, int slot, double weight) {
  /** Refuses null. */
  public SelectedPlace {
    Objects.requireNonNull(token, "token");
  }
}
