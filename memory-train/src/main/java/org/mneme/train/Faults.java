// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;

/** Gathers what is wrong with a configuration, so that all of it is reported at once. */
final class Faults {
  private final String subject;
  private final List<String> faults = new ArrayList<>();

  /** No faults yet of a subject such as "training configuration". */
  Faults(String subject) {
    this.subject = subject;
  }

  /** Notes a fault unless the condition holds. */
  void expect(boolean holds, String key, Object found, String expected) {
    if (!holds) {
      faults.add(key + " is " + found + ", expected " + expected);
    }
  }

  void throwIfAny() {
    if (!faults.isEmpty()) {
      throw new UserException(subject + ": " + String.join("; ", faults));
    }
  }
}
