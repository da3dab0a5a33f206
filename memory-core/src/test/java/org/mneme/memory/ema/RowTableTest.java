// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowTableTest {
  @Test
  void allotsRowsInTurn() {
    RowTable table = new RowTable(10, 3);
    assertThat(table.use(7)).isEqualTo(-1);
    assertThat(table.allot(7)).isZero();
    assertThat(table.allot(2)).isEqualTo(1);
    assertThat(table.use(7)).isZero();
    assertThat(table.size()).isEqualTo(2);
    assertThat(table.rowsByUse()).containsExactly(1, 0);
  }

  @Test
  void takesTheRowOfTheEntryUntouchedForLongest() {
    RowTable table = new RowTable(10, 2);
    table.allot(1);
    table.allot(2);
    table.use(1);
    assertThat(table.allot(3)).as("row of entry 2").isEqualTo(1);
    assertThat(table.rowOf(2)).isEqualTo(-1);
    assertThat(table.rowOf(1)).isZero();
    assertThat(table.evictions()).isEqualTo(1);
  }

  @Test
  void reusesReleasedRowsFirst() {
    RowTable table = new RowTable(10, 3);
    table.allot(1);
    table.allot(2);
    table.allot(3);
    table.release(2);
    table.release(9);
    assertThat(table.allot(4)).isEqualTo(1);
    assertThat(table.evictions()).isZero();
  }

  @Test
  void goesOnAfterARestoreAsBefore() {
    RowTable table = new RowTable(10, 4);
    for (int entry = 0; entry < 4; entry++) {
      table.allot(entry);
    }
    table.use(0);
    table.release(1);
    table.release(3);
    RowTable restored = new RowTable(10, 4);
    restored.allot(8);
    restored.restore(table.entriesByRow(), table.rowsByUse());
    assertThat(restored.rowOf(8)).isEqualTo(-1);
    for (int entry = 5; entry < 10; entry++) {
      assertThat(restored.allot(entry)).isEqualTo(table.allot(entry));
    }
    assertThat(restored.rowsByUse()).containsExactly(table.rowsByUse());
  }
}
