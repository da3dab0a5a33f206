// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.revival;

import java.util.Objects;
import org.mneme.compute.UserException;

/**
 * When and how unused entries get new contents.
 *
 * @param unusedUpdates an entry is dead if none of this many updates selected it, at least 1; this
 *     often entries are revived
 * @param maxShare the largest share of the unfrozen entries that is revived at once, above 0, at
 *     most 1; the dead entries beyond it are chosen by chance
 * @param source of the new contents
 * @param noise of {@link RevivalSource#USED}, 0 to 1
 * @param excludedToken a token that {@link RevivalSource#PHRASES} never copies, such as padding;
 *     −1: none
 * @param seed of all chances
 */
public record RevivalConfig(
    int unusedUpdates,
    double maxShare,
    RevivalSource source,
    double noise,
    int excludedToken,
    long seed) {
  /**
   * Checks ranges.
   *
   * @throws UserException naming the setting, the value found and what was wanted
   */
  public RevivalConfig {
    Objects.requireNonNull(source, "source");
    require(unusedUpdates >= 1, "revival_unused_updates", unusedUpdates, ">= 1");
    require(maxShare > 0 && maxShare <= 1, "revival_max_share", maxShare, "above 0, at most 1");
    require(noise >= 0 && noise <= 1, "revival_noise", noise, "0 to 1");
    require(excludedToken >= -1, "excluded_token", excludedToken, ">= -1");
  }

  private static void require(boolean condition, String name, Object found, String wanted) {
    if (!condition) {
      throw new UserException(name + ": found " + found + ", wanted " + wanted);
    }
  }
}
