// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import java.util.Arrays;
import org.mneme.memory.random.Seeds;
import org.mneme.model.TextCodec;

/**
 * All documents of an epoch in one row, each between begin and end, cut into sequences. Where the
 * order is random both the documents in the row and the sequences cut from it are shuffled, so that
 * the parts of a long document are not all in one batch. The last sequence of the row may be short.
 */
final class PackedSequences implements Sequences {

  private static final int AROUND = 2;

  private final DocumentSet documents;
  private final Ordering documentOrder;
  private final Ordering sequenceOrder;
  private final int sequence;
  private final int begin;
  private final int end;
  private final long total;
  private final long perEpoch;

  /** For each place of the row of the present epoch, where its document begins, and the end. */
  private final long[] starts;

  private long epoch = -1;

  PackedSequences(DocumentSet documents, TextCodec codec, BatchConfig config) {
    this.documents = documents;
    this.sequence = config.sequenceLength();
    this.begin = codec.beginId();
    this.end = codec.endId();
    this.total = documents.tokens() + (long) AROUND * documents.size();
    // The last token of the row is a target only.
    this.perEpoch = (total - 1 + sequence - 1) / sequence;
    this.documentOrder = new Ordering(documents.size(), config);
    this.sequenceOrder =
        new Ordering(perEpoch, config.shuffle(), Seeds.mix(config.seed(), perEpoch));
    this.starts = new long[documents.size() + 1];
  }

  @Override
  public long perEpoch() {
    return perEpoch;
  }

  @Override
  public Filled fill(long epoch, long index, Rows rows, int row) {
    layOut(epoch);
    long from = sequenceOrder.at(epoch, index) * sequence;
    int length = (int) Math.min(sequence + 1L, total - from);
    LocatedText text = new LocatedText(length);
    int place = Arrays.binarySearch(starts, from);
    place = place >= 0 ? place : -place - 2;
    for (; text.room() > 0; place++) {
      int within = (int) (from + text.length() - starts[place]);
      copy((int) documentOrder.at(epoch, place), within, text);
    }
    return rows.shift(text, sequence, row);
  }

  private void layOut(long epoch) {
    if (this.epoch == epoch) {
      return;
    }
    for (int place = 0; place < documents.size(); place++) {
      int length = documents.length((int) documentOrder.at(epoch, place));
      starts[place + 1] = starts[place] + length + AROUND;
    }
    this.epoch = epoch;
  }

  /**
   * Copies begin, tokens and end of a document from a place within them, as far as there is room.
   */
  private void copy(int document, int within, LocatedText text) {
    int tokens = documents.length(document);
    if (within == 0) {
      text.add(begin, documents.number(document), 0);
    }
    int from = Math.max(0, within - 1);
    int count = Math.min(tokens - from, text.room());
    if (count > 0) {
      text.add(documents, document, from, count);
    }
    if (text.room() > 0) {
      text.add(end, documents.number(document), 1 + tokens);
    }
  }
}
