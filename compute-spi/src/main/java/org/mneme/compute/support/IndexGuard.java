// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.Tensor;

/**
 * Keeps the values of index tensors in range, so that no operation reads or writes memory outside
 * of its tensors. {@link AbstractDevice} calls it before each operation that uses values as
 * addresses.
 *
 * <p>A value out of range is reported as the {@link IllegalArgumentException} that {@link
 * #outOfRange} makes: at once by a device whose operations are synchronous, which then does
 * nothing; by another one when it is next waited for or read from. Such a device makes the value a
 * valid one where it stands before the operation runs, whose results are then undefined.
 */
public interface IndexGuard {
  /** Checks nothing: for a device that touches no memory by index. */
  IndexGuard NONE = new IndexGuard() {};

  /** Stands for no value that is allowed next to a range. */
  int NO_OTHER = Integer.MIN_VALUE;

  /**
   * Requires values of a range.
   *
   * @param operation for the message
   * @param argument for the message
   * @param values I32
   * @param last the greatest valid value; the least one is 0
   * @param other one more valid value, or {@link #NO_OTHER}
   */
  default void values(String operation, String argument, Tensor values, int last, int other) {}

  /**
   * Requires ascending values of 0 to {@code last}: the borders of segments.
   *
   * @param starts I32
   */
  default void ascending(String operation, String argument, Tensor starts, int last) {}

  /**
   * Requires values of 0 to {@code last} in a part of a tensor that the device knows.
   *
   * @param values I32; elements outside of the part may be undefined
   * @param from the first element of the part [1] I32, of 0 to the number of values; null for 0
   * @param to the element after the last one [1] I32, likewise
   */
  default void part(
      String operation, String argument, Tensor values, Tensor from, Tensor to, int last) {}

  /**
   * Requires values of 0 to {@code last} in rows of a table.
   *
   * @param table [M, K] I32; other rows may be undefined
   * @param indices of rows, each in 0 … M−1 I32
   */
  default void rows(String operation, String argument, Tensor table, Tensor indices, int last) {}

  /** The failure to report for a value that is out of range. */
  static IllegalArgumentException outOfRange(
      String operation, String argument, long found, int last, int other) {
    return new IllegalArgumentException(
        operation
            + ": argument '"
            + argument
            + "' has a value out of range: expected 0 to "
            + last
            + (other == NO_OTHER ? "" : " or " + other)
            + ", got "
            + found);
  }

  /** The failure to report for borders of segments that do not ascend. */
  static IllegalArgumentException notAscending(
      String operation, String argument, long found, long before) {
    return new IllegalArgumentException(
        operation
            + ": argument '"
            + argument
            + "' has a value out of range: expected ascending values, got "
            + found
            + " after "
            + before);
  }
}
