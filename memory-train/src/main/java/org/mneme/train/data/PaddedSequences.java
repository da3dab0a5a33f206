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
  public Filled fill(long epoch, long index, int[] inputs, int[] targets, int row) {
    int document = (int) order.at(epoch, index);
    int tokens = documents.length(document);
    // One token more than positions: the last input needs a target too.
    int[] text = new int[sequence + 1];
    text[0] = begin;
    int copied = Math.min(tokens, sequence);
    documents.copy(document, 0, copied, text, 1);
    int length = 1 + copied;
    if (length <= sequence) {
      text[length++] = end;
    }
    return Sequences.shift(text, length, sequence, inputs, targets, row);
  }
}
