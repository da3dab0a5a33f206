// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import org.mneme.compute.UserException;

/** Checks of a state that is read from a checkpoint. */
final class Given {
  private Given() {}

  /** Refuses a key that is missing or null. */
  static void require(Object value, String key) {
    if (value == null) {
      throw new UserException("guard." + key + ": expected a value, got null");
    }
  }
}
