// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import org.mneme.compute.UserException;

/**
 * How much is asked.
 *
 * @param people of how many persons, spread evenly over the file; 0 for all
 * @param candidates among how many answers the right one is ranked, itself included, at least 2;
 *     fewer where an attribute has fewer
 */
public record FactsConfig(int people, int candidates) {
  /** 500 persons, 32 candidates. */
  public static final FactsConfig DEFAULT = new FactsConfig(500, 32);

  /**
   * Checks the numbers.
   *
   * @throws UserException naming the value that is out of range
   */
  public FactsConfig {
    if (people < 0) {
      throw new UserException("people is " + people + ", expected at least 0 (0 for all)");
    }
    if (candidates < 2) {
      throw new UserException("candidates is " + candidates + ", expected at least 2");
    }
  }
}
