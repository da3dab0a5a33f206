// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.ValidRows;
import org.mneme.compute.nd4j.host.Vectors;

/** Groups selections by entry, and what the update rules need of each group. */
final class GroupKernels {
  private static final int GROUP_GRAIN = 32;
  private static final int ROW_GRAIN = 256;

  private final HostRuntime host;
  private final InvertedIndex index = new InvertedIndex();

  GroupKernels(HostRuntime host) {
    this.host = host;
  }

  int group(
      HostTensor indices,
      long rows,
      long firstRow,
      HostTensor order,
      HostTensor entries,
      HostTensor starts) {
    int count = Math.toIntExact(indices.elementCount());
    indices.get(0, index.keys(count), 0, count);
    int groups = build(count, rows);
    int frozen = 0;
    while (frozen < groups && index.key(frozen) < firstRow) {
      frozen++;
    }
    index.write(frozen, groups, order, entries, starts);
    return groups - frozen;
  }

  /** Groups keys below {@code rows} and −1; returns the groups other than that of −1. */
  private int build(int count, long rows) {
    // With room for one key more, the digits of -1 are above those of all others: it sorts last.
    index.build(count, rows + 1);
    int groups = index.groups();
    return groups > 0 && index.key(groups - 1) < 0 ? groups - 1 : groups;
  }

  void mask(HostTensor indices, HostTensor valid, HostTensor out) {
    int count = Math.toIntExact(indices.elementCount());
    int[] selections = new int[count];
    int[] flags = new int[Math.toIntExact(valid.elementCount())];
    indices.get(0, selections, 0, count);
    valid.get(0, flags, 0, flags.length);
    for (int i = 0; i < count; i++) {
      if (flags[(int) ((long) i * flags.length / count)] == 0) {
        selections[i] = -1;
      }
    }
    out.put(0, selections, 0, count);
  }

  void mean(
      HostTensor features,
      HostTensor valid,
      HostTensor order,
      HostTensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      HostTensor means,
      HostTensor counts) {
    int width = Math.toIntExact(features.shape().columns());
    ValidRows counting =
        ValidRows.of(valid, valid == null ? features.shape().rows() : valid.elementCount());
    host.workers()
        .forRange(
            counts.elementCount(),
            GROUP_GRAIN,
            (from, to, worker) -> {
              int groups = (int) (to - from);
              int[] borders = host.tiles(worker).ints(0, groups + 1);
              float[] zeros = host.tiles(worker).floats(0, width);
              float[] found = host.tiles(worker).floats(1, groups);
              Arrays.fill(zeros, 0, width, 0f);
              starts.get(firstGroup + from, borders, 0, groups + 1);
              FloatPointer source = features.floats(0);
              FloatPointer mean = means.floats(from * width);
              for (int group = 0; group < groups; group++) {
                int members = borders[group + 1] - borders[group];
                int[] rows = host.tiles(worker).ints(1, members);
                order.get(borders[group], rows, 0, members);
                int count = featureRows(rows, members, slots, sequence, shift, counting);
                means.put((from + group) * width, zeros, 0, width);
                mean.position((long) group * width);
                for (int i = 0; i < count; i++) {
                  source.position((long) rows[i] * width);
                  host.blas().saxpy(width, 1f / count, source, mean);
                }
                found[group] = count;
              }
              counts.put(from, found, 0, groups);
            });
  }

  /**
   * Turns selections into feature rows, leaving out those whose sequence ends before the shift and
   * those that are not valid.
   */
  private static int featureRows(
      int[] rows, int members, int slots, int sequence, int shift, ValidRows valid) {
    int count = 0;
    for (int i = 0; i < members; i++) {
      int row = rows[i] / slots;
      if (row % sequence + (long) shift < sequence && valid.hasModulo(row + shift)) {
        rows[count++] = row + shift;
      }
    }
    return count;
  }

  void scaleToMeanNorm(HostTensor reference, HostTensor x) {
    float target = (float) meanNorm(reference);
    int width = Math.toIntExact(x.shape().columns());
    Vectors vectors = host.vectors();
    host.workers()
        .forRange(
            x.shape().rows(),
            ROW_GRAIN,
            (from, to, worker) -> {
              float[] row = host.tiles(worker).floats(0, width);
              for (long r = from; r < to; r++) {
                x.get(r * width, row, 0, width);
                float norm = (float) Math.sqrt(vectors.sumOfSquares(row, 0, width));
                if (norm > 0) {
                  Loops.scale(target / norm, row, 0, row, 0, width);
                  x.put(r * width, row, 0, width);
                }
              }
            });
  }

  private double meanNorm(HostTensor reference) {
    long rows = reference.shape().rows();
    int width = Math.toIntExact(reference.shape().columns());
    Vectors vectors = host.vectors();
    double[] sums = new double[(int) ((rows + ROW_GRAIN - 1) / ROW_GRAIN)];
    host.workers()
        .forRange(
            rows,
            ROW_GRAIN,
            (from, to, worker) -> {
              float[] row = host.tiles(worker).floats(0, width);
              double sum = 0;
              for (long r = from; r < to; r++) {
                reference.get(r * width, row, 0, width);
                sum += Math.sqrt(vectors.sumOfSquares(row, 0, width));
              }
              sums[(int) (from / ROW_GRAIN)] = sum;
            });
    return Arrays.stream(sums).sum() / rows;
  }

  /** By distinct index, so that a large table costs no more than a small one. */
  void count(HostTensor indices, HostTensor counts) {
    int count = Math.toIntExact(indices.elementCount());
    indices.get(0, index.keys(count), 0, count);
    int groups = build(count, counts.elementCount());
    int[] one = new int[1];
    for (int group = 0; group < groups; group++) {
      int entry = index.key(group);
      counts.get(entry, one, 0, 1);
      one[0] += index.start(group + 1) - index.start(group);
      counts.put(entry, one, 0, 1);
    }
  }
}
