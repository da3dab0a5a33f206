// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.metrics.AlarmKind;
import org.mneme.train.metrics.AlarmReport;

/**
 * Curves of real trainings: the small presets (16,384 entries, WordNet, learning rate 3e-3, the
 * text of the quickstart) on a CPU, validated every 20 steps from the untrained model on, or every
 * 4. Numbers are effective entries, exp(entropy).
 */
class UsageAlarmTest {
  private static final int ENTRIES = 16_384;
  private static final String BANK = "memory_bank";

  private static List<AlarmReport> alarms(String curve, int constant, int interval) {
    Alarms alarms = new Alarms(AlarmConfig.DEFAULT);
    List<AlarmReport> told = new ArrayList<>();
    double[] effective = Arrays.stream(curve.split(" ")).mapToDouble(Double::parseDouble).toArray();
    for (int i = 0; i < effective.length; i++) {
      MemoryUse use = new MemoryUse(effective[i], constant, ENTRIES);
      alarms.usage((long) interval * i, BANK, use).ifPresent(told::add);
    }
    return told;
  }

  /** All of them fall far below the untrained gate first, and rise again. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "1.4.1, 32, 20, 5154 48 60 70 200 293 734 870 1299 1596 1610",
    "1.4.2, 32, 20, 6636 78 78 211 412 648 755 941 1135 1472 1534 1972 2158 2471 2787 3103 3295",
    "1.4.5, 32, 20, 5852 80 79 253 473 647 1197 1395 1860 2444 2669",
    "1.4.6, 32, 20, 6724 78 63 181 400 684 847 1218 1361 1661 1653 2099 2056 2595 2740 2874 2932",
    "beside, 64, 20, 12621 253 1091 2359 3447 4462 5415 5879 6434 7231 7596",
    "no balance loss, 32, 20, 5941 45 39 40 45 70 101 107 122 141 147 174 184 180 190",
    "rate 1e-2, 32, 4, 5823 223 63 69 85 54 50 54 66 63 76 97 113 121 143 153",
    "another seed, 32, 4, 5136 1765 218 113 70 60 65 70 70 72 75 85 101 104 128 136"
  })
  void aHealthyTrainingGivesNoAlarm(String name, int constant, int interval, String curve) {
    assertThat(alarms(curve, constant, interval)).isEmpty();
    // The same with fewer validations, as the presets have them.
    for (int every = 2; every <= 6; every++) {
      String[] all = curve.split(" ");
      List<String> few = new ArrayList<>();
      for (int i = 0; i < all.length; i += every) {
        few.add(all[i]);
      }
      assertThat(alarms(String.join(" ", few), constant, every * interval)).isEmpty();
    }
  }

  @Test
  void aUseThatFallsWithoutRisingAgainIsHealthyIfItStaysAChoice() {
    assertThat(alarms("9000 6000 4000 3000 2000 1500 1000 800 700 650 600 600 600 600", 32, 500))
        .isEmpty();
  }

  @Test
  void aChoiceThatBecomesConstantIsAnAlarmOnceItLasts() {
    String learned = "6636 78 78 211 412 648 755 941 1135 1472 1534 1972 2158 2471 2787 3103 3295";
    List<AlarmReport> told = alarms(learned + " 900 40 33 32 32 32 32", 32, 1000);
    assertThat(told).hasSize(1);
    AlarmReport alarm = told.get(0);
    assertThat(alarm.alarm()).isEqualTo(AlarmKind.USAGE_COLLAPSED);
    assertThat(alarm.subject()).isEqualTo(BANK);
    // Below the limit since the 19th validation, after step 18,000.
    assertThat(alarm.step()).isEqualTo(20_000);
    assertThat(alarm.value()).isZero();
    assertThat(alarm.limit()).isCloseTo(0.5 * Math.log(3295 / 32.0) / Math.log(512), within(1e-9));
    assertThat(alarm.message())
        .contains("32 effective entries of up to 16384", "a constant choice reads 32")
        .contains("0.0 % of the choice", "at least 37.1 %", "3 validations since step 18000");
  }

  @Test
  void aGateThatNeverLearnsIsAnAlarm() {
    List<AlarmReport> told = alarms("6636 45 33 32 32 32 32 32 32 32", 32, 20);
    assertThat(told).hasSize(1);
    // Low since step 40; the first steps of a healthy training are low for as long again.
    assertThat(told.get(0).step()).isEqualTo(120);
    assertThat(told.get(0).limit()).isEqualTo(0.05);
  }

  @Test
  void losingMostOfWhatWasLearnedIsAnAlarm() {
    assertThat(alarms("5000 60 200 1000 3000 3000 600 600 600", 32, 1000)).isEmpty();
    assertThat(alarms("5000 60 200 1000 3000 3000 200 200 200", 32, 1000)).hasSize(1);
  }

  @Test
  void aFallThatIsSoonOverIsNone() {
    assertThat(alarms("5000 60 200 1000 3000 32 32 2000 32 32 2000 32 32 2000", 32, 1000))
        .isEmpty();
  }

  @Test
  void aCollapseThatWasOverIsToldAgain() {
    assertThat(alarms("5000 60 200 1000 32 32 32 32 2000 32 32 32 32", 32, 1000)).hasSize(2);
  }

  @Test
  void whereEveryPositionReadsAllEntriesThereIsNoChoice() {
    Alarms alarms = new Alarms(AlarmConfig.DEFAULT);
    for (int step = 0; step < 20_000; step += 1000) {
      assertThat(alarms.usage(step, BANK, new MemoryUse(30, 64, 64))).isEmpty();
    }
  }

  @Test
  void aRestoredAlarmCountsOn() {
    Alarms first = new Alarms(AlarmConfig.DEFAULT);
    MemoryUse none = new MemoryUse(32, 32, ENTRIES);
    assertThat(first.usage(1000, BANK, none)).isEmpty();
    assertThat(first.usage(2000, BANK, none)).isEmpty();
    Alarms second = new Alarms(AlarmConfig.DEFAULT);
    second.restore(first.state());
    assertThat(second.usage(3000, BANK, none)).isPresent();
    assertThat(second.usage(4000, BANK, none)).isEmpty();
  }
}
