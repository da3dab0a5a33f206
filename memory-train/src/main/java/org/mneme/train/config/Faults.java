// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;

/** Gathers what is wrong with a configuration, so that all of it is reported at once. */
public final class Faults {
  private final String subject;
  private final List<String> faults = new ArrayList<>();

  /** No faults yet of a subject such as "training configuration". */
  public Faults(String subject) {
    this.subject = subject;
  }

  /** Notes a fault unless the condition holds. */
  public void expect(boolean holds, String key, Object found, String expected) {
    if (!holds) {
      faults.add(key + " is " + found + ", expected " + expected);
    }
  }

  /** Notes a fault unless the value is a number of at least 0. */
  public void notNegative(String key, double found) {
    expect(found >= 0 && Double.isFinite(found), key, found, "a number of at least 0");
  }

  /** Notes a fault unless the value is at least {@code least}. */
  public void atLeast(String key, long found, long least) {
    expect(found >= least, key, found, "at least " + least);
  }

  /** Notes a fault unless the value is a number above 0. */
  public void positive(String key, double found) {
    expect(found > 0 && Double.isFinite(found), key, found, "a number above 0");
  }

  /** Notes a fault unless the value is a share. */
  public void share(String key, double found) {
    expect(found >= 0 && found <= 1, key, found, "0 to 1");
  }

  /**
   * Reports all faults.
   *
   * @throws UserException with all of them, if there are any
   */
  public void throwIfAny() {
    if (!faults.isEmpty()) {
      throw new UserException(subject + ": " + String.join("; ", faults));
    }
  }
}
