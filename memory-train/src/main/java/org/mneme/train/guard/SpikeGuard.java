// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.mneme.train.config.SpikeAction;
import org.mneme.train.config.SpikeConfig;
import org.mneme.train.metrics.SpikeReport;

/**
 * Judges the loss and the gradient norm of each step by their z-scores: how many standard
 * deviations they are above the mean of the last steps that were no spikes.
 */
final class SpikeGuard {
  /** Standard deviations are taken for at least this share of the mean: a jitter is no spike. */
  private static final double LEAST_DEVIATION = 1e-3;

  private final SpikeConfig config;
  private final Deque<Double> losses = new ArrayDeque<>();
  private final Deque<Double> gradNorms = new ArrayDeque<>();
  private int inARow;

  SpikeGuard(SpikeConfig config) {
    this.config = config;
  }

  /** Tells whether a step is a spike; if not, it is one of those that later ones are held to. */
  Optional<SpikeReport> judge(long step, double loss, double gradNorm) {
    Optional<SpikeReport> spike =
        judge(step, "loss", loss, losses).or(() -> judge(step, "grad_norm", gradNorm, gradNorms));
    if (spike.isEmpty()) {
      inARow = 0;
      keep(loss, losses);
      keep(gradNorm, gradNorms);
    } else if (++inARow >= config.patience()) {
      inARow = 0;
      losses.clear();
      gradNorms.clear();
    }
    return spike;
  }

  private Optional<SpikeReport> judge(
      long step, String quantity, double value, Collection<Double> before) {
    if (before.size() < config.window()) {
      return Optional.empty();
    }
    double mean = before.stream().mapToDouble(x -> x).sum() / before.size();
    double squares = before.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    double deviation =
        Math.max(Math.sqrt(squares / before.size()), LEAST_DEVIATION * Math.abs(mean));
    double score = (value - mean) / deviation;
    boolean skips = config.action() != SpikeAction.WARN;
    return score > config.zScore()
        ? Optional.of(new SpikeReport(step, quantity, value, mean, deviation, score, skips))
        : Optional.empty();
  }

  private void keep(double value, Deque<Double> values) {
    values.addLast(value);
    if (values.size() > config.window()) {
      values.removeFirst();
    }
  }

  SpikeState state() {
    return new SpikeState(List.copyOf(losses), List.copyOf(gradNorms), inARow);
  }

  void restore(SpikeState state) {
    losses.clear();
    losses.addAll(state.losses());
    gradNorms.clear();
    gradNorms.addAll(state.gradNorms());
    inARow = state.inARow();
  }
}
