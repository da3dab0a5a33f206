// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.function.LongSupplier;

/** Time that goes by, and the part of it that is spent training. */
final class TrainingClock {
  private final LongSupplier nanoTime;
  private final long startedAt;
  private long resumedAt;
  private long trained;

  TrainingClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.startedAt = nanoTime.getAsLong();
    this.resumedAt = startedAt;
  }

  /** Runs work whose time is no training; the device has nothing left to do. */
  void pausedDuring(Runnable work) {
    trained += nanoTime.getAsLong() - resumedAt;
    try {
      work.run();
    } finally {
      resumedAt = nanoTime.getAsLong();
    }
  }

  double trainedSeconds() {
    return (trained + nanoTime.getAsLong() - resumedAt) / 1e9;
  }

  double elapsedSeconds() {
    return (nanoTime.getAsLong() - startedAt) / 1e9;
  }
}
