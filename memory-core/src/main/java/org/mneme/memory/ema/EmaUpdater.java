// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.memory.EntryState;
import org.mneme.memory.state.Stateful;

/**
 * Moves the entries of a codebook towards what selects them. Frozen entries never change.
 *
 * <p>An updater owns its state (moving averages, marks of touched entries) and its workspace on the
 * codebook's device until it is closed.
 */
public interface EmaUpdater extends EntryState, Stateful, AutoCloseable {
  /** The settings. */
  EmaConfig config();

  /** Moves the entries that the batch selected. */
  EmaReport update(EmaBatch batch);

  /** The share of the unfrozen entries touched since the start; waits for the device. */
  double coverage();

  @Override
  void close();
}
