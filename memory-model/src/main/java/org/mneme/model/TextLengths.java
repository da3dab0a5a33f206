// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.Arrays;
import org.mneme.compute.Device;

/** How many positions of padded sequences have to be computed. */
public final class TextLengths {
  private TextLengths() {}

  /**
   * Returns the positions of each sequence that a device computes: on one that runs work anew,
   * those up to the end of the longest text, rounded up to a power of two, so that the result does
   * not depend on how long sequences might have been; on one that replays recorded shapes, all.
   *
   * @param lengths positions of each sequence that hold text, from its beginning
   * @param sequence T, the positions of each sequence
   */
  public static int computed(Device device, int[] lengths, int sequence) {
    if (device.replaysShapes()) {
      return sequence;
    }
    int longest = Arrays.stream(lengths).reduce(1, Math::max);
    // Powers of two, for the device's pool keeps blocks of every size that it has seen.
    return Math.min(sequence, Integer.highestOneBit(2 * longest - 1));
  }

  /**
   * Returns the first positions of each sequence.
   *
   * @param values [B, T]
   * @param computed positions that are kept, at most T
   * @return [B, computed]
   */
  public static int[] shortened(int[] values, int sequence, int computed) {
    if (computed == sequence) {
      return values;
    }
    int batch = values.length / sequence;
    int[] shortened = new int[batch * computed];
    for (int row = 0; row < batch; row++) {
      System.arraycopy(values, row * sequence, shortened, row * computed, computed);
    }
    return shortened;
  }
}
