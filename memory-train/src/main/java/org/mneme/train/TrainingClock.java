// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.function.LongSupplier;

/** Time that goes by, and the part of it that is spent training. */
final class TrainingClock {
  private final LongSupplier nanoTime;
  private final long startedAt;
  private long resumedAt;
  private long trained;
  private long elapsedBefore;
  private boolean paused;

  TrainingClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.startedAt = nanoTime.getAsLong();
    this.resumedAt = startedAt;
  }

  /** Goes on from the times of an earlier part of the training. */
  void goOnFrom(double trainedSeconds, double elapsedSeconds) {
    trained = Math.round(trainedSeconds * 1e9);
    elapsedBefore = Math.round(elapsedSeconds * 1e9);
  }

  /** Runs work whose time is no training; the device has nothing left to do. */
  void pausedDuring(Runnable work) {
    trained += nanoTime.getAsLong() - resumedAt;
    paused = true;
    try {
      work.run();
    } finally {
      paused = false;
      resumedAt = nanoTime.getAsLong();
    }
  }

  double trainedSeconds() {
    return (paused ? trained : trained + nanoTime.getAsLong() - resumedAt) / 1e9;
  }

  double elapsedSeconds() {
    return (elapsedBefore + nanoTime.getAsLong() - startedAt) / 1e9;
  }
}
