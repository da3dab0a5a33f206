// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class StopSignalsTest {
  /** The work would go on to an evaluation of hours, having said that it ends. */
  @Test
  void oneThatCameInTheLastStepIsReportedWhenTheStepsAreOver() throws Exception {
    try (StopSignals signals = StopSignals.ending(() -> "not trained", () -> {})) {
      signals.finishSteps();
      new ProcessBuilder("kill", "-TERM", "" + ProcessHandle.current().pid()).start().waitFor();
      while (!signals.received()) {
        Thread.onSpinWait();
      }
      assertThat(signals.endAtOnce(() -> "not evaluated", () -> {})).isTrue();
    }
    try (StopSignals signals = StopSignals.caught()) {
      assertThat(signals.endAtOnce(() -> "not evaluated", () -> {})).isFalse();
    }
  }
}
