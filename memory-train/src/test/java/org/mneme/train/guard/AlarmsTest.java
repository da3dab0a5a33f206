// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.metrics.AlarmKind;
import org.mneme.train.metrics.AlarmReport;

class AlarmsTest {
  private static final String BANK = "memory_bank";
  private static final List<String> TENSORS = List.of("a", "b");

  private final Alarms alarms = new Alarms(AlarmConfig.builder().usageFloor(0.1).build());

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
  void useBelowTheFloorIsAnAlarm() {
    AlarmReport alarm = alarms.usage(7, BANK, 0.05).orElseThrow();
    assertThat(alarm.alarm()).isEqualTo(AlarmKind.USAGE_COLLAPSED);
    assertThat(alarm.value()).isEqualTo(0.05);
    assertThat(alarm.limit()).isEqualTo(0.1);
    assertThat(alarms.usage(8, BANK, 0.1)).isEmpty();
  }

  @Test
  void aFallToHalfOfTheHighestUseIsAnAlarm() {
    assertThat(alarms.usage(1, BANK, 0.6)).isEmpty();
    assertThat(alarms.usage(2, BANK, 0.9)).isEmpty();
    assertThat(alarms.usage(3, BANK, 0.5)).isEmpty();
    AlarmReport alarm = alarms.usage(4, BANK, 0.4).orElseThrow();
    assertThat(alarm.limit()).isCloseTo(0.45, within(1e-12));
    assertThat(alarm.message()).contains("40.00 %", "45.00 %", "90.00 %");
    assertThat(alarms.usage(5, BANK, 0.4)).isEmpty();
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
    assertThat(none.usage(1, BANK, 1)).isEmpty();
    assertThat(none.usage(2, BANK, 0)).isEmpty();
    assertThat(none.sameTokens(3, BANK, 1)).isEmpty();
  }

  @Test
  void restoredAlarmsTellNothingTwice() {
    assertThat(alarms.usage(1, BANK, 0.8)).isEmpty();
    assertThat(alarms.sameTokens(2, BANK, 1)).isPresent();
    assertThat(alarms.gradients(3, TENSORS, List.of("a"))).isEmpty();
    Alarms restored = new Alarms(AlarmConfig.builder().usageFloor(0.1).build());
    restored.restore(alarms.state());
    assertThat(restored.sameTokens(4, BANK, 1)).isEmpty();
    assertThat(restored.gradients(5, TENSORS, List.of("a"))).hasSize(1);
    assertThat(restored.usage(6, BANK, 0.3)).isPresent();
  }
}
