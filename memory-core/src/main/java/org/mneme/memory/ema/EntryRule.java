// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.memory.EntryState;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/** Moves the entries of a chunk; what it remembers of them is its state. */
interface EntryRule extends EntryState, AutoCloseable {
  /** Prepares for an update of {@code selections}, of which chunks will follow. */
  default void begin(EmaBatch batch, Selections selections) {}

  /** Moves the entries of one chunk. */
  void move(Chunk chunk);

  /** See {@link EmaUpdater#forEachState}. */
  default void forEachState(StateVisitor visitor) {}

  /** See {@link EmaUpdater#restore}. */
  default void restore(StateSource source) {}

  @Override
  default void resetEntries(int[] entries) {}

  @Override
  void close();
}
