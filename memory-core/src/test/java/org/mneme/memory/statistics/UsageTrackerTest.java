// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mneme.memory.DeviceTest;

class UsageTrackerTest extends DeviceTest {
  @Test
  void countsAnySlotAndTheFirst() {
    try (UsageTracker tracker = new UsageTracker(device, 6)) {
      tracker.record(ints(new int[][] {{0, 1}, {0, 2}, {3, 1}}));
      tracker.record(ints(new int[][] {{0, 4}, {3, 0}}));
      UsageStatistics use = tracker.statistics(3);
      assertThat(use.selections()).isEqualTo(10);
      assertThat(use.dead()).isEqualTo(1);
      assertThat(use.usedAny()).isEqualTo(5 / 6.0);
      assertThat(use.usedTop1()).isEqualTo(2 / 6.0);
      assertThat(use.mostUsed())
          .containsExactly(new EntryUse(0, 4), new EntryUse(1, 2), new EntryUse(3, 2));
    }
  }

  @Test
  void takesHeadsAndSingleSlots() {
    try (UsageTracker tracker = new UsageTracker(device, 4)) {
      tracker.record(ints(new int[] {0, 1, 2, 1, 0, 1, 2, 1}, 2, 2, 2));
      assertThat(tracker.statistics(0).usedTop1()).isEqualTo(0.5);
      tracker.record(ints(new int[][] {{3}}));
      assertThat(tracker.statistics(0).usedTop1()).isEqualTo(0.75);
    }
  }

  @Test
  void forgetsSingleEntriesAndAll() {
    try (UsageTracker tracker = new UsageTracker(device, 4)) {
      tracker.record(ints(new int[][] {{0, 1}, {2, 3}}));
      tracker.resetEntries(new int[] {0, 3});
      tracker.resetEntries(new int[0]);
      assertThat(tracker.statistics(0).dead()).isEqualTo(2);
      assertThat(tracker.statistics(0).usedTop1()).isEqualTo(0.25);
      tracker.reset();
      assertThat(tracker.statistics(0).dead()).isEqualTo(4);
    }
  }
}
