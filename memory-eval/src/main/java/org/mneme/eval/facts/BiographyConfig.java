// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import org.mneme.compute.UserException;

/**
 * How many biographies there are.
 *
 * @param people persons, at least 1
 * @param exposures documents about each person, at least 1
 * @param seed of names, values and words; the first persons are the same whatever their number
 */
public record BiographyConfig(int people, int exposures, long seed) {
  /** A name space of 23 million: drawing distinct ones stays quick up to here. */
  static final int MOST_PEOPLE = 10_000_000;

  /**
   * Checks the numbers.
   *
   * @throws UserException naming the value that is out of range
   */
  public BiographyConfig {
    if (people < 1 || people > MOST_PEOPLE) {
      throw new UserException("people is " + people + ", expected 1 to " + MOST_PEOPLE);
    }
    if (exposures < 1) {
      throw new UserException("exposures is " + exposures + ", expected at least 1");
    }
  }
}
