// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/** Counts what is done to files, and fails at a chosen moment. */
final class Faults {
  private final Map<FaultyFileSystem.Operation, Integer> counts =
      new EnumMap<>(FaultyFileSystem.Operation.class);
  private FaultyFileSystem.Operation failing;
  private int failAt;
  private int powerOffAt;
  private int total;
  private boolean off;

  void failAt(FaultyFileSystem.Operation operation, int number) {
    counts.clear();
    failing = operation;
    failAt = number;
  }

  void powerOffAt(int number) {
    total = 0;
    powerOffAt = number;
  }

  int count(FaultyFileSystem.Operation operation) {
    return counts.getOrDefault(operation, 0);
  }

  int total() {
    return total;
  }

  boolean off() {
    return off;
  }

  /** Fails if this operation is to fail, or the power is off. */
  synchronized void before(FaultyFileSystem.Operation operation, Object what) throws IOException {
    total++;
    int number = counts.merge(operation, 1, Integer::sum);
    if (off || total == powerOffAt) {
      off = true;
      throw new IOException("power is off before " + operation + " of " + what);
    }
    if (operation == failing && number == failAt) {
      throw new IOException("injected failure of " + operation + " " + number + ", of " + what);
    }
  }
}
