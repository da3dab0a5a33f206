// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import org.mneme.compute.Tensor;
import org.mneme.compute.support.IndexGuard;

/** Reads all values, one after the other. */
final class PlainIndexGuard implements IndexGuard {
  @Override
  public void values(String operation, String argument, Tensor values, int last, int other) {
    for (int value : PlainDevice.ints(values)) {
      boolean allowed = other != NO_OTHER && value == other;
      if (!allowed && (value < 0 || value > last)) {
        throw IndexGuard.outOfRange(operation, argument, value, last, other);
      }
    }
  }

  @Override
  public void ascending(String operation, String argument, Tensor starts, int last) {
    values(operation, argument, starts, last, NO_OTHER);
    int[] all = PlainDevice.ints(starts);
    for (int i = 1; i < all.length; i++) {
      if (all[i] < all[i - 1]) {
        throw IndexGuard.notAscending(operation, argument, all[i], all[i - 1]);
      }
    }
  }

  @Override
  public void part(
      String operation, String argument, Tensor values, Tensor from, Tensor to, int last) {
    int first = from == null ? 0 : PlainDevice.ints(from)[0];
    values(operation, argument, values.rows(first, PlainDevice.ints(to)[0]), last, NO_OTHER);
  }

  @Override
  public void rows(String operation, String argument, Tensor table, Tensor indices, int last) {
    for (int index : PlainDevice.ints(indices)) {
      values(operation, argument, table.rows(index, index + 1L), last, NO_OTHER);
    }
  }
}
