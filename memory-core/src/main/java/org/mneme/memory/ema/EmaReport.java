// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Optional;

/**
 * The outcome of an update.
 *
 * @param updateNumber of the update
 * @param entriesTouched unfrozen entries that the batch selected
 * @param change what changed, if the batch was to be measured
 */
public record EmaReport(long updateNumber, int entriesTouched, Optional<EmaChange> change) {}
