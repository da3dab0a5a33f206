// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import org.mneme.compute.UserException;

/** Checks of what a checkpoint's JSON holds. */
final class Stored {
  /** Nearly 32 years. */
  private static final long MOST_SECONDS = 1_000_000_000;

  private Stored() {}

  /** Refuses a key that is missing or null. */
  static void present(String key, Object value) {
    require(value != null, key, null, "a value");
  }

  /**
   * Refuses a time that is not a number, less than 0, or longer than nanoseconds can be counted.
   */
  static void seconds(String key, double value) {
    require(value >= 0 && value <= MOST_SECONDS, key, value, "0 to " + MOST_SECONDS + " seconds");
  }

  /** Refuses a number that is not finite. */
  static void finite(String key, double value) {
    require(Double.isFinite(value), key, value, "a finite number");
  }

  /** Refuses a value unless the condition holds. */
  static void require(boolean condition, String key, Object found, Object expected) {
    if (!condition) {
      throw new UserException(key + ": expected " + expected + ", got " + found);
    }
  }
}
