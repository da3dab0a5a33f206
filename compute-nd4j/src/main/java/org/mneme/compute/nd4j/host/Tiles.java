// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

/**
 * Scratch arrays of one worker, kept from task to task.
 *
 * <p>An array is told by its slot number; what it holds is undefined at the start of a task. Slots
 * of float and int arrays are counted apart.
 */
public final class Tiles {
  private static final int SLOTS = 16;
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private final float[][] floats = new float[SLOTS][];
  private final int[][] ints = new int[SLOTS][];

  /** An array of at least {@code length} elements. */
  public float[] floats(int slot, int length) {
    float[] tile = floats[slot];
    if (tile == null || tile.length < length) {
      tile = new float[capacity(length)];
      floats[slot] = tile;
    }
    return tile;
  }

  /** An array of at least {@code length} elements. */
  public int[] ints(int slot, int length) {
    int[] tile = ints[slot];
    if (tile == null || tile.length < length) {
      tile = new int[capacity(length)];
      ints[slot] = tile;
    }
    return tile;
  }

  /** Rounded up, but not beyond the longest array there can be. */
  static int capacity(int length) {
    long rounded = (length + 1023L) & -1024L;
    return Math.max(length, (int) Math.max(1024, Math.min(LONGEST, rounded)));
  }
}
