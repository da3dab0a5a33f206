// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.memory.EntryState;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/**
 * Moves the entries of a codebook towards what selects them. Frozen entries never change.
 *
 * <p>An updater owns its state (moving averages, marks of touched entries) and its workspace on the
 * codebook's device until it is closed.
 */
public interface EmaUpdater extends EntryState, AutoCloseable {
  /** The settings. */
  EmaConfig config();

  /** Moves the entries that the batch selected. */
  EmaReport update(EmaBatch batch);

  /** The share of the unfrozen entries touched since the start; waits for the device. */
  double coverage();

  /** Shows every tensor of the state that a later {@link #restore} needs. */
  void forEachState(StateVisitor visitor);

  /**
   * Replaces the state by one that {@link #forEachState} showed.
   *
   * @throws org.mneme.compute.UserException if a tensor is missing or has another shape
   */
  void restore(StateSource source);

  @Override
  void close();
}
