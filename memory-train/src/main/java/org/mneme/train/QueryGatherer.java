// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.layers.SelectionObserver;

/** Gathers the gate queries of positions that hold text, of all memory layers and heads. */
final class QueryGatherer implements SelectionObserver {
  private final Tensor points;
  private int[] lengths;
  private int sequence;
  private long filled;

  /**
   * A gatherer that has nothing yet.
   *
   * @param points where queries go [P, width] F32
   */
  QueryGatherer(Tensor points) {
    this.points = points;
  }

  /**
   * Announces the batch that runs next.
   *
   * @param textLengths positions of each sequence that hold text; null: all do
   */
  void begin(int[] textLengths, int sequenceLength) {
    lengths = textLengths;
    sequence = sequenceLength;
  }

  /** Returns how many queries there are. */
  long filled() {
    return filled;
  }

  boolean isFull() {
    return filled == points.shape().extent(0);
  }

  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {
    long width = points.shape().columns();
    Tensor queries = keyQuery.reshape(keyQuery.elementCount() / width, width);
    long room = points.shape().extent(0) - filled;
    int[] rows = rows(queries.shape().extent(0), room);
    if (rows.length == 0) {
      return;
    }
    try (Tensor index = points.device().allocate(MemoryTag.WORKSPACE, DType.I32, rows.length);
        Tensor taken =
            points.device().allocate(MemoryTag.WORKSPACE, queries.dtype(), rows.length, width)) {
      points.device().transfer().writeInts(rows, index);
      points.device().memory().gatherRows(queries, index, taken);
      points.device().transfer().copy(taken, points.rows(filled, filled + rows.length));
    }
    filled += rows.length;
  }

  /** The queries of positions that hold text, as many as there is room for. */
  private int[] rows(long queries, long room) {
    IntStream all = IntStream.range(0, Math.toIntExact(queries));
    int[] rows = all.filter(row -> holdsText(row, queries)).toArray();
    return rows.length <= room ? rows : Arrays.copyOf(rows, (int) room);
  }

  private boolean holdsText(int row, long queries) {
    if (lengths == null) {
      return true;
    }
    long heads = queries / ((long) lengths.length * sequence);
    int position = (int) (row / heads);
    return position % sequence < lengths[position / sequence];
  }
}
