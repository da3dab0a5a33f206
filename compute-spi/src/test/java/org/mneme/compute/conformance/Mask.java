// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import org.mneme.compute.Tensor;

/** Kinds of masks with which operations that take one are tried. */
enum Mask {
  /** No mask. */
  NONE,
  /** All take part. */
  ALL,
  /** About two thirds take part, in no order. */
  SOME,
  /** The first third takes part, as where a text ends before its sequence. */
  BEGINNING,
  /** One takes part. */
  ONE,
  /** None takes part. */
  NOTHING;

  /** Which of some positions take part; null where all do without a mask. */
  boolean[] flags(int count) {
    if (this == NONE) {
      return null;
    }
    int[] chances = new Numbers(count + ordinal()).indices(count, 3);
    boolean[] flags = new boolean[count];
    for (int i = 0; i < count; i++) {
      flags[i] =
          switch (this) {
            case SOME -> chances[i] > 0;
            case BEGINNING -> i <= count / 3;
            case ONE -> i == count / 2;
            default -> this == ALL;
          };
    }
    return flags;
  }

  /** The mask as an argument: any number other than 0 stands for yes. */
  static Tensor input(Trial trial, boolean[] flags) {
    if (flags == null) {
      return null;
    }
    int[] values = new int[flags.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = flags[i] ? i % 3 - 3 : 0;
    }
    return trial.input("valid", values, values.length);
  }

  static int count(boolean[] flags, int all) {
    if (flags == null) {
      return all;
    }
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }
}
