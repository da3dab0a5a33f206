// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import org.mneme.model.TextCodec;

/** One document a sequence: begin, tokens, end, cut off at the right. */
final class PaddedSequences implements Sequences {

  private final DocumentSet documents;
  private final Ordering order;
  private final int sequence;
  private final int begin;
  private final int end;

  PaddedSequences(DocumentSet documents, TextCodec codec, BatchConfig config) {
    this.documents = documents;
    this.order = new Ordering(documents.size(), config);
    this.sequence = config.sequenceLength();
    this.begin = codec.beginId();
    this.end = codec.endId();
  }

  @Override
  public long perEpoch() {
    return documents.size();
  }

  @Override
  public Filled fill(long epoch, long index, Rows rows, int row) {
    int document = (int) order.at(epoch, index);
    int tokens = documents.length(document);
    // One token more than positions: the last input needs a target too.
    LocatedText text = new LocatedText(sequence + 1);
    text.add(begin, documents.number(document), 0);
    text.add(documents, document, 0, Math.min(tokens, sequence));
    if (text.room() > 0) {
      text.add(end, documents.number(document), 1 + tokens);
    }
    return rows.shift(text, sequence, row);
  }
}
