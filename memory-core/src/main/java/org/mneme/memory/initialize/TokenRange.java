// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import org.mneme.compute.UserException;

/**
 * The tokens that random entries are made of.
 *
 * @param low the lowest token, at least 0; above special tokens, if these should not appear
 * @param high the vocabulary's size: one more than the highest token
 */
public record TokenRange(int low, int high) {
  /** Checks that there is a token in the range. */
  public TokenRange {
    if (low < 0 || high <= low) {
      throw new UserException(
          "token range: found " + low + " to " + high + " (exclusive), wanted 0 <= low < high");
    }
  }
}
