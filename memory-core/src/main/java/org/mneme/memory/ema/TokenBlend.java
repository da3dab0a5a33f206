// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Tensor;
import org.mneme.memory.EntryState;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/**
 * What the tokens of a place are re-encoded from: token t of the place becomes argmax over v of
 * ⟨keep·E[base] + feature, E[v]⟩.
 */
interface TokenBlend extends EntryState, AutoCloseable {
  /** Prepares for the places of one chunk. */
  default void begin(Chunk chunk) {}

  /**
   * Writes what the groups of {@code place} are re-encoded from.
   *
   * @param place which groups of the chunk
   * @param means f̄ of each [U, W]
   * @param current tokens of the chunk's entries, a row for each place [groups·places, K/places]
   * @param base [U, K/places] I32, overwritten
   * @param keep [U] F32, overwritten
   * @param features [U, W] F32, overwritten
   */
  void blend(Place place, Tensor means, Tensor current, Tensor base, Tensor keep, Tensor features);

  /** See {@link EmaUpdater#forEachState}. */
  default void forEachState(StateVisitor visitor) {}

  /** See {@link EmaUpdater#restore}. */
  default void restore(StateSource source) {}

  @Override
  default void resetEntries(int[] entries) {}

  @Override
  void close();
}
