// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import org.mneme.compute.Tensor;
import org.mneme.compute.support.IndexGuard;

/** Reads the values before an operation runs, by all workers, and throws at once. */
public final class HostIndexGuard implements IndexGuard {
  private static final int CHUNK = 1 << 14;

  private final HostRuntime host;

  /** A guard that works with the given threads. */
  public HostIndexGuard(HostRuntime host) {
    this.host = host;
  }

  @Override
  public void values(String operation, String argument, Tensor values, int last, int other) {
    span(operation, argument, HostTensor.of(values), 0, values.elementCount(), last, other);
  }

  private void span(
      String operation,
      String argument,
      HostTensor values,
      long first,
      long count,
      int last,
      int other) {
    host.workers()
        .forRange(
            count,
            CHUNK,
            (from, to, worker) -> {
              int length = (int) (to - from);
              int[] tile = host.tiles(worker).ints(0, length);
              values.get(first + from, tile, 0, length);
              require(operation, argument, tile, length, last, other);
            });
  }

  private static void require(
      String operation, String argument, int[] tile, int length, int last, int other) {
    if (allWithin(tile, length, last)) {
      return;
    }
    for (int i = 0; i < length; i++) {
      if ((tile[i] < 0 || tile[i] > last) && (other == NO_OTHER || tile[i] != other)) {
        throw IndexGuard.outOfRange(operation, argument, tile[i], last, other);
      }
    }
  }

  /** Without a branch in the loop, so that it is compiled to vector instructions. */
  private static boolean allWithin(int[] tile, int length, int last) {
    int bad = 0;
    for (int i = 0; i < length; i++) {
      bad |= tile[i] | (last - tile[i]);
    }
    return bad >= 0;
  }

  @Override
  public void ascending(String operation, String argument, Tensor starts, int last) {
    values(operation, argument, starts, last, NO_OTHER);
    int[] all = new int[Math.toIntExact(starts.elementCount())];
    HostTensor.of(starts).get(0, all, 0, all.length);
    for (int i = 1; i < all.length; i++) {
      if (all[i] < all[i - 1]) {
        throw IndexGuard.notAscending(operation, argument, all[i], all[i - 1]);
      }
    }
  }

  @Override
  public void part(
      String operation, String argument, Tensor values, Tensor from, Tensor to, int last) {
    int first = from == null ? 0 : scalar(from);
    long count = (long) scalar(to) - first;
    span(operation, argument, HostTensor.of(values), first, count, last, NO_OTHER);
  }

  private static int scalar(Tensor tensor) {
    int[] one = new int[1];
    HostTensor.of(tensor).get(0, one, 0, 1);
    return one[0];
  }

  @Override
  public void rows(String operation, String argument, Tensor table, Tensor indices, int last) {
    HostTensor rows = HostTensor.of(table);
    HostTensor at = HostTensor.of(indices);
    int width = Math.toIntExact(table.shape().columns());
    int each = Math.max(1, CHUNK / width);
    host.workers()
        .forRange(
            indices.elementCount(),
            each,
            (from, to, worker) -> {
              int length = (int) (to - from);
              int[] index = host.tiles(worker).ints(0, length);
              int[] tile = host.tiles(worker).ints(1, length * width);
              at.get(from, index, 0, length);
              for (int i = 0; i < length; i++) {
                rows.get((long) index[i] * width, tile, i * width, width);
              }
              require(operation, argument, tile, length * width, last, NO_OTHER);
            });
  }
}
