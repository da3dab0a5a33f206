// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Hands out batches and knows where it is. For one thread. */
public final class BatchIterator implements Iterator<Batch> {

  private final Sequences sequences;
  private final BatchConfig config;
  private final int padId;
  private final long epochs;
  private long epoch;
  private long index;

  BatchIterator(
      Sequences sequences, BatchConfig config, int padId, DataPosition from, long epochs) {
    checkArgument(
        from.index() < sequences.perEpoch(),
        "position %s, expected an index below %s: is it of other data or another configuration?",
        from,
        sequences.perEpoch());
    this.sequences = sequences;
    this.config = config;
    this.padId = padId;
    this.epochs = epochs;
    this.epoch = from.epoch();
    this.index = from.index();
  }

  @Override
  public boolean hasNext() {
    return epoch < epochs;
  }

  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int batch = config.batchSize();
    int sequence = config.sequenceLength();
    Rows rows = Rows.empty(batch * sequence, padId);
    int[] lengths = new int[batch];
    int inputCount = 0;
    int targetCount = 0;
    for (int row = 0; row < batch && hasNext(); row++) {
      Sequences.Filled filled = sequences.fill(epoch, index, rows, row * sequence);
      lengths[row] = filled.inputs();
      inputCount += filled.inputs();
      targetCount += filled.targets();
      advance();
    }
    return new Batch(
        rows.inputs(),
        rows.sources(),
        rows.targets(),
        batch,
        sequence,
        targetCount,
        inputCount,
        lengths);
  }

  private void advance() {
    index++;
    if (index == sequences.perEpoch()) {
      index = 0;
      epoch++;
    }
  }

  /** Returns the position of the first sequence that has not been handed out. */
  public DataPosition position() {
    return new DataPosition(epoch, index);
  }
}
