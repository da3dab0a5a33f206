// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

/**
 * Decides whether the choice of entries has collapsed: whether the gate reads nearly the same
 * entries whatever the text is, and will not recover by itself.
 *
 * <p>An untrained gate spreads its choice evenly by chance. In the first steps of every healthy
 * training that was measured, with all stores, the hidden states of all positions become alike and
 * with them the choice: of 16,384 entries, of which a constant choice reads 32, 45 to 80 effective
 * ones were left after 20 to 40 steps, and 39 without a balance loss. Then the gate learns, and the
 * use rises. So a low use is an alarm only if it lasts, and a fall only if it is from a use that
 * the gate had learned, never from that of the untrained gate.
 */
final class UsageAlarm {
  /** Validations in a row with too low a use that make an alarm. */
  static final int VALIDATIONS = 3;

  /** Steps that a low use lasts for an alarm, unless it lasts most of the training so far. */
  static final long STEPS = 1000;

  /** A low use lasts most of the training if the steps before it are at most this part. */
  private static final long PART_BEFORE = 3;

  /** The gate learns where the use has risen again by this factor and by this share. */
  private static final double RISE = 1.25;

  private static final double LEAST_RISE = 0.05;

  private final double floor;
  private final double drop;
  private UsageState state = UsageState.NEW;
  private double limit;

  /**
   * An alarm that has seen nothing.
   *
   * @param floor least share of the choice that depends on what is read; 0 for none
   * @param drop share of the best share that may be lost; 0 for any
   */
  UsageAlarm(double floor, double drop) {
    this.floor = floor;
    this.drop = drop;
  }

  /**
   * Judges a validation.
   *
   * @return whether the use is too low, and has been for long enough
   */
  boolean collapsed(long step, double share) {
    double left = drop > 0 ? (1 - drop) * state.best() : 0;
    limit = Math.max(floor, left);
    if (share < limit) {
      long since = state.low() == 0 ? step : state.lowSince();
      state = new UsageState(lowest(share), state.best(), state.low() + 1, since);
      long lasted = step - since;
      boolean mostly = step >= PART_BEFORE * since;
      return state.low() >= VALIDATIONS && (mostly || lasted >= STEPS);
    }
    boolean learns = state.best() > 0 || hasRisen(share);
    double best = learns ? Math.max(state.best(), share) : 0;
    state = new UsageState(lowest(share), best, 0, 0);
    return false;
  }

  private double lowest(double share) {
    return Math.min(state.lowest(), share);
  }

  private boolean hasRisen(double share) {
    return share >= RISE * state.lowest() && share >= state.lowest() + LEAST_RISE;
  }

  /** The share that was required of the last validation. */
  double limit() {
    return limit;
  }

  UsageState state() {
    return state;
  }

  void restore(UsageState other) {
    state = other;
  }
}
