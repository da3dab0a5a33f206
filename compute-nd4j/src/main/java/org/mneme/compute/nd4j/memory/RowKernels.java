// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Gathers and scatters rows of a table. */
final class RowKernels {
  /** Elements that a chunk moves, so that its tile stays in the first-level cache. */
  private static final int TILE = 4096;

  private final HostRuntime host;
  private final InvertedIndex index = new InvertedIndex();

  RowKernels(HostRuntime host) {
    this.host = host;
  }

  /** Moves bits, whatever they mean: a row of floats goes through an int tile unchanged. */
  void gather(HostTensor table, HostTensor indices, HostTensor out) {
    int width = Math.toIntExact(out.shape().columns());
    host.workers()
        .forRange(
            indices.elementCount(),
            rowsPerTile(width),
            (from, to, worker) -> {
              int count = (int) (to - from);
              int[] at = host.tiles(worker).ints(0, count);
              int[] tile = host.tiles(worker).ints(1, count * width);
              indices.get(from, at, 0, count);
              for (int r = 0; r < count; r++) {
                table.get((long) at[r] * width, tile, r * width, width);
              }
              out.put(from * width, tile, 0, count * width);
            });
  }

  void scatter(HostTensor rows, HostTensor indices, HostTensor table) {
    int width = Math.toIntExact(rows.shape().columns());
    host.workers()
        .forRange(
            indices.elementCount(),
            rowsPerTile(width),
            (from, to, worker) -> {
              int count = (int) (to - from);
              int[] at = host.tiles(worker).ints(0, count);
              int[] tile = host.tiles(worker).ints(1, count * width);
              indices.get(from, at, 0, count);
              rows.get(from * width, tile, 0, count * width);
              for (int r = 0; r < count; r++) {
                table.put((long) at[r] * width, tile, r * width, width);
              }
            });
  }

  void blend(HostTensor rows, HostTensor indices, float keep, HostTensor table) {
    int width = Math.toIntExact(rows.shape().columns());
    float take = 1 - keep;
    host.workers()
        .forRange(
            indices.elementCount(),
            rowsPerTile(width),
            (from, to, worker) -> {
              int count = (int) (to - from);
              int[] at = host.tiles(worker).ints(0, count);
              float[] fresh = host.tiles(worker).floats(0, count * width);
              float[] old = host.tiles(worker).floats(1, count * width);
              indices.get(from, at, 0, count);
              rows.get(from * width, fresh, 0, count * width);
              for (int r = 0; r < count; r++) {
                table.get((long) at[r] * width, old, r * width, width);
              }
              for (int i = 0; i < count * width; i++) {
                old[i] = keep * old[i] + take * fresh[i];
              }
              for (int r = 0; r < count; r++) {
                table.put((long) at[r] * width, old, r * width, width);
              }
            });
  }

  /** In parallel over the distinct rows, so that each is summed by one thread in order. */
  void scatterAdd(HostTensor rows, HostTensor indices, HostTensor table) {
    int count = Math.toIntExact(indices.elementCount());
    int width = Math.toIntExact(rows.shape().columns());
    indices.get(0, index.keys(count), 0, count);
    index.build(count, table.shape().rows());
    host.workers()
        .forRange(
            index.groups(),
            rowsPerTile(width),
            (from, to, worker) -> {
              FloatPointer source = rows.floats(0);
              FloatPointer sum = table.floats(0);
              for (int group = (int) from; group < to; group++) {
                sum.position((long) index.key(group) * width);
                for (int i = index.start(group); i < index.start(group + 1); i++) {
                  source.position((long) index.member(i) * width);
                  host.blas().saxpy(width, 1f, source, sum);
                }
              }
            });
  }

  /** One thread: the counts are few beside what their rows hold. */
  void list(HostTensor counts, HostTensor rows, HostTensor rowCount) {
    int[] counted = host.tiles(0).ints(0, TILE);
    int[] used = host.tiles(0).ints(1, TILE);
    int listed = 0;
    for (long from = 0; from < counts.elementCount(); from += TILE) {
      int length = (int) Math.min(TILE, counts.elementCount() - from);
      counts.get(from, counted, 0, length);
      int found = 0;
      for (int i = 0; i < length; i++) {
        if (counted[i] > 0) {
          used[found++] = (int) from + i;
        }
      }
      rows.put(listed, used, 0, found);
      listed += found;
    }
    rowCount.put(0, new int[] {listed}, 0, 1);
  }

  void zero(HostTensor rows, HostTensor rowCount, HostTensor table) {
    int width = Math.toIntExact(table.shape().columns());
    int[] count = new int[1];
    rowCount.get(0, count, 0, 1);
    host.workers()
        .forRange(
            count[0],
            rowsPerTile(width),
            (from, to, worker) -> {
              int listed = (int) (to - from);
              int[] at = host.tiles(worker).ints(0, listed);
              float[] zeros = host.tiles(worker).floats(0, width);
              Arrays.fill(zeros, 0, width, 0f);
              rows.get(from, at, 0, listed);
              for (int r = 0; r < listed; r++) {
                table.put((long) at[r] * width, zeros, 0, width);
              }
            });
  }

  private static int rowsPerTile(int width) {
    return Math.max(1, Math.min(512, TILE / Math.max(1, width)));
  }
}
