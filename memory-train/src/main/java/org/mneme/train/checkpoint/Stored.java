// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import org.mneme.compute.UserException;

/** Checks of what a checkpoint's JSON holds. */
final class Stored {
  private Stored() {}

  /** Refuses a key that is missing or null. */
  static void present(String key, Object value) {
    require(value != null, key, null, "a value");
  }

  /** Refuses a number that is not finite or less than 0. */
  static void seconds(String key, double value) {
    require(Double.isFinite(value) && value >= 0, key, value, "a finite number of at least 0");
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
