// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws without replacement. */
final class Draws {
  private Draws() {}

  /** {@code number} distinct indices below {@code limit}, in the order drawn. */
  static int[] distinct(int number, int limit, SplittableRandom random) {
    int[] all = new int[limit];
    Arrays.setAll(all, i -> i);
    for (int i = 0; i < number; i++) {
      int other = i + random.nextInt(limit - i);
      int swapped = all[i];
      all[i] = all[other];
      all[other] = swapped;
    }
    return Arrays.copyOf(all, number);
  }
}
