// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mneme.train.config.SpikeAction;
import org.mneme.train.config.SpikeConfig;
import org.mneme.train.metrics.SpikeReport;

class SpikeGuardTest {
  private static final double NORM = 1;

  private static SpikeConfig.Builder config() {
    return SpikeConfig.builder().action(SpikeAction.SKIP).zScore(3).window(4).patience(3);
  }

  /** A guard whose window holds 1, 3, 1, 3: mean 2, deviation 1. */
  private static SpikeGuard full(SpikeConfig config) {
    SpikeGuard guard = new SpikeGuard(config);
    for (int step = 1; step <= 4; step++) {
      assertThat(guard.judge(step, step % 2 == 0 ? 3 : 1, NORM)).isEmpty();
    }
    return guard;
  }

  @Test
  void aLossFarAboveTheMeanIsASpike() {
    SpikeReport spike = full(config().build()).judge(5, 6, NORM).orElseThrow();
    assertThat(spike.step()).isEqualTo(5);
    assertThat(spike.quantity()).isEqualTo("loss");
    assertThat(spike.value()).isEqualTo(6);
    assertThat(spike.mean()).isCloseTo(2, within(1e-12));
    assertThat(spike.deviation()).isCloseTo(1, within(1e-12));
    assertThat(spike.zScore()).isCloseTo(4, within(1e-12));
    assertThat(spike.skipped()).isTrue();
  }

  @Test
  void aLossWithinTheLimitOrBelowTheMeanIsNone() {
    assertThat(full(config().build()).judge(5, 5, NORM)).isEmpty();
    assertThat(full(config().build()).judge(5, -100, NORM)).isEmpty();
  }

  @Test
  void aGradientNormIsJudgedToo() {
    SpikeReport spike = full(config().build()).judge(5, 2, 1.1).orElseThrow();
    assertThat(spike.quantity()).isEqualTo("grad_norm");
    // All norms were 1: the deviation is at least a thousandth of the mean.
    assertThat(spike.zScore()).isCloseTo(100, within(1e-9));
    assertThat(full(config().build()).judge(5, 2, 1.002)).isEmpty();
  }

  @Test
  void nothingIsJudgedBeforeTheWindowIsFull() {
    SpikeGuard guard = new SpikeGuard(config().build());
    assertThat(guard.judge(1, 1, NORM)).isEmpty();
    assertThat(guard.judge(2, 1, NORM)).isEmpty();
    assertThat(guard.judge(3, 1, NORM)).isEmpty();
    assertThat(guard.judge(4, 1000, NORM)).isEmpty();
  }

  @Test
  void aSpikeIsNotHeldAgainstLaterOnes() {
    SpikeGuard guard = full(config().build());
    Optional<SpikeReport> first = guard.judge(5, 100, NORM);
    Optional<SpikeReport> second = guard.judge(6, 100, NORM);
    assertThat(second.orElseThrow().zScore()).isEqualTo(first.orElseThrow().zScore());
  }

  @Test
  void spikesInARowAreANewLevel() {
    SpikeGuard guard = full(config().build());
    assertThat(guard.judge(5, 50, NORM)).isPresent();
    assertThat(guard.judge(6, 50, NORM)).isPresent();
    assertThat(guard.judge(7, 2, NORM)).isEmpty();
    for (int step = 8; step <= 10; step++) {
      assertThat(guard.judge(step, 50, NORM)).isPresent();
    }
    assertThat(guard.judge(11, 50, NORM)).isEmpty();
  }

  @Test
  void aWarningSkipsNothing() {
    SpikeConfig warning = config().action(SpikeAction.WARN).build();
    assertThat(full(warning).judge(5, 50, NORM).orElseThrow().skipped()).isFalse();
  }

  @Test
  void aRestoredGuardJudgesAlike() {
    SpikeGuard guard = full(config().build());
    assertThat(guard.judge(5, 50, NORM)).isPresent();
    SpikeGuard restored = new SpikeGuard(config().build());
    restored.restore(guard.state());
    for (int step = 6; step < 30; step++) {
      double loss = step % 5 == 0 ? 50 : 2 + step % 3;
      assertThat(restored.judge(step, loss, NORM)).isEqualTo(guard.judge(step, loss, NORM));
      assertThat(restored.state()).isEqualTo(guard.state());
    }
  }
}
