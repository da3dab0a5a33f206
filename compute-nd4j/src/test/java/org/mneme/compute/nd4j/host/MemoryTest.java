// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.junit.jupiter.api.Test;

class MemoryTest {
  /** Copies across segment borders, with segments of eight elements. */
  @Test
  void tilesCrossSegments() {
    try (FloatPointer pointer = new FloatPointer(37)) {
      Memory memory = new Memory(pointer.address(), 37, pointer, 3);
      float[] values = new float[37];
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      memory.put(0, values, 0, 37);
      for (int i = 0; i < 37; i++) {
        assertThat(pointer.get(i)).isEqualTo(i);
      }
      for (int from = 0; from < 37; from++) {
        for (int length = 0; length <= 37 - from; length++) {
          float[] tile = new float[40];
          memory.get(from, tile, 1, length);
          assertThat(Arrays.copyOfRange(tile, 1, 1 + length))
              .isEqualTo(Arrays.copyOfRange(values, from, from + length));
          assertThat(tile[1 + length]).isZero();
        }
      }
      memory.put(6, new float[] {-1, -2, -3, -4}, 1, 3);
      assertThat(pointer.get(5)).isEqualTo(5);
      assertThat(pointer.get(6)).isEqualTo(-2);
      assertThat(pointer.get(8)).isEqualTo(-4);
      assertThat(pointer.get(9)).isEqualTo(9);
    }
  }

  @Test
  void intTilesCrossSegments() {
    try (IntPointer pointer = new IntPointer(20)) {
      Memory memory = new Memory(pointer.address(), 20, pointer, 2);
      int[] values = {7, 8, 9, 10, 11, 12, 13};
      memory.put(1, new int[] {0, 7, 8, 9, 10, 11, 12, 13}, 1, 7);
      int[] tile = new int[7];
      memory.get(1, tile, 0, 7);
      assertThat(tile).isEqualTo(values);
      assertThat(pointer.get(7)).isEqualTo(13);
    }
  }

  /** Nothing is read or written: the addresses are made up. */
  @Test
  void pointersAreRightBeyondTwoGigabytesAndTwoBillionElements() {
    long base = 1L << 40;
    long elements = (1L << 32) + 11;
    Memory memory = new Memory(base, elements, null);
    for (long element : new long[] {0, 1L << 28, (1L << 31) - 1, 1L << 31, 1L << 32}) {
      FloatPointer floats = memory.floats(element);
      assertThat(floats.address()).isEqualTo(base + 4 * element);
      assertThat(floats.position()).isZero();
      assertThat(floats.limit()).isEqualTo(elements - element);
      assertThat(memory.ints(element).address()).isEqualTo(base + 4 * element);
      assertThat(Memory.plus(memory.floats(5), element - 5).address())
          .isEqualTo(base + 4 * element);
      assertThat(Memory.plus(memory.floats(5).position(3), element - 8).address())
          .isEqualTo(base + 4 * element);
    }
  }

  @Test
  void aPointerBehindAForeignOneCountsFromItsPosition() {
    try (FloatPointer pointer = new FloatPointer(1f, 2f, 3f, 4f)) {
      FloatPointer behind = Memory.plus(new FloatPointer(pointer).position(1), 2);
      assertThat(behind.get()).isEqualTo(4f);
    }
  }
}
