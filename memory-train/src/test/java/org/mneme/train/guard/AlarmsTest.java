// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.metrics.AlarmKind;
import org.mneme.train.metrics.AlarmReport;

class AlarmsTest {
  private static final String BANK = "memory_bank";
  private static final List<String> TENSORS = List.of("a", "b");

  private final Alarms alarms = new Alarms(AlarmConfig.DEFAULT);

  @Test
  void aTensorWithoutAGradientTwiceRunningIsToldOnce() {
    assertThat(alarms.gradients(100, TENSORS, List.of("b"))).isEmpty();
    AlarmReport alarm = alarms.gradients(200, TENSORS, List.of("b")).get(0);
    assertThat(alarm.alarm()).isEqualTo(AlarmKind.NO_GRADIENT);
    assertThat(alarm.subject()).isEqualTo("b");
    assertThat(alarm.step()).isEqualTo(200);
    assertThat(alarm.message()).contains("'b'", "100 steps");
    assertThat(alarms.gradients(300, TENSORS, List.of("b"))).isEmpty();
  }

  @Test
  void aTensorWithoutAGradientNowAndThenIsNoAlarm() {
    for (int look = 1; look < 6; look++) {
      List<String> without = look % 2 == 0 ? List.of("a") : List.of("b");
      assertThat(alarms.gradients(100L * look, TENSORS, without)).isEmpty();
    }
  }

  @Test
  void anAlarmThatWasOverIsToldAgain() {
    for (int round = 0; round < 2; round++) {
      assertThat(alarms.gradients(1, TENSORS, TENSORS)).isEmpty();
      assertThat(alarms.gradients(2, TENSORS, TENSORS)).hasSize(2);
      assertThat(alarms.gradients(3, TENSORS, List.of())).isEmpty();
    }
  }

  @Test
  void manyEntriesOfOneTokenAreAnAlarm() {
    assertThat(alarms.sameTokens(1, BANK, 0.89)).isEmpty();
    AlarmReport alarm = alarms.sameTokens(2, BANK, 0.9).orElseThrow();
    assertThat(alarm.alarm().key()).isEqualTo("same_tokens");
    assertThat(alarms.sameTokens(3, BANK, 1)).isEmpty();
  }

  @Test
  void aLimitOfZeroIsNone() {
    Alarms none =
        new Alarms(AlarmConfig.builder().usageFloor(0).usageDrop(0).sameTokens(0).build());
    for (int step = 1; step < 5000; step += 100) {
      assertThat(none.usage(step, BANK, new MemoryUse(32, 32, 16_384))).isEmpty();
    }
    assertThat(none.sameTokens(3, BANK, 1)).isEmpty();
  }

  @Test
  void restoredAlarmsTellNothingTwice() {
    assertThat(alarms.sameTokens(2, BANK, 1)).isPresent();
    assertThat(alarms.gradients(3, TENSORS, List.of("a"))).isEmpty();
    Alarms restored = new Alarms(AlarmConfig.DEFAULT);
    restored.restore(alarms.state());
    assertThat(restored.sameTokens(4, BANK, 1)).isEmpty();
    assertThat(restored.gradients(5, TENSORS, List.of("a"))).hasSize(1);
  }
}
