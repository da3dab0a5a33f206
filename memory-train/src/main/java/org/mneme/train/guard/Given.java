// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import java.util.List;
import org.mneme.compute.UserException;

/** Checks of a state that is read from a checkpoint. */
final class Given {
  private Given() {}

  /** Refuses a number outside of [least, most], NaN included. */
  static void range(double value, String key, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new UserException(
          "guard." + key + ": expected " + least + " to " + most + ", got " + value);
    }
  }

  /** Refuses a list that is missing, or one with a null. */
  static void elements(List<?> values, String key) {
    require(values, key);
    for (int i = 0; i < values.size(); i++) {
      require(values.get(i), key + "[" + i + "]");
    }
  }

  /** Refuses a list of numbers that is missing, or one with a number that is not finite. */
  static void numbers(List<Double> values, String key) {
    elements(values, key);
    for (int i = 0; i < values.size(); i++) {
      range(values.get(i), key + "[" + i + "]", -Double.MAX_VALUE, Double.MAX_VALUE);
    }
  }

  /** Refuses a key that is missing or null. */
  static void require(Object value, String key) {
    if (value == null) {
      throw new UserException("guard." + key + ": expected a value, got null");
    }
  }
}
