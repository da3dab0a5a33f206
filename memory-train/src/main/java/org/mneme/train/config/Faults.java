// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;

/** Gathers what is wrong with a configuration, so that all of it is reported at once. */
public final class Faults {
  private static final double LARGEST = 1e9;

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

  /** Notes a fault unless the value is 0, or a positive number that f32 can hold. */
  public void notNegative(String key, double found) {
    expect(found >= 0 && Double.isFinite(found), key, found, "a number of at least 0");
    boolean held = found <= 0 || (found >= Float.MIN_NORMAL && found <= LARGEST);
    expect(!Double.isFinite(found) || held, key, found, "0, or 1.2e-38 to 1e9");
  }

  /** Notes a fault unless the value is from {@code least} to {@code most}. */
  public void between(String key, long found, long least, long most) {
    atLeast(key, found, least);
    expect(found <= most, key, found, "at most " + most);
  }

  /** Notes a fault unless the text can be the path of a file. */
  public void path(String key, String found) {
    try {
      Path unused = Path.of(found);
    } catch (InvalidPathException e) {
      expect(false, key, found, "a path, which this is not (" + e.getReason() + ")");
    }
  }

  /** Notes a fault unless the value is at least {@code least}. */
  public void atLeast(String key, long found, long least) {
    expect(found >= least, key, found, "at least " + least);
  }

  /** Notes a fault unless the value is a number above 0 that f32 can hold, and at most 1e9. */
  public void positive(String key, double found) {
    boolean positive = found > 0 && Double.isFinite(found);
    expect(positive, key, found, "a number above 0");
    boolean held = found >= Float.MIN_NORMAL && found <= LARGEST;
    expect(!positive || held, key, found, "1.2e-38 to 1e9");
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
