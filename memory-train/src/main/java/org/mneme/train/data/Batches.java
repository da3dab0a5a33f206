// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

import org.mneme.model.TextCodec;

/**
 * The batches of a set of documents. All have the same shape. In an endless run a batch may hold
 * the end of one epoch and the beginning of the next, so that nothing is left out; a run of given
 * epochs fills its last batch up with rows of padding without targets.
 */
public final class Batches {

  private final DocumentSet documents;
  private final TextCodec codec;
  private final BatchConfig config;

  /**
   * Batches of documents.
   *
   * @param documents at least one
   * @param codec the tokenizer of the documents, for begin, end and padding
   */
  public Batches(DocumentSet documents, TextCodec codec, BatchConfig config) {
    checkArgument(documents.size() > 0, "documents is empty, expected at least one");
    checkArgument(
        documents.vocabularySize() == codec.vocabularySize(),
        "the documents have a vocabulary of %s, the codec of %s",
        documents.vocabularySize(),
        codec.vocabularySize());
    this.documents = documents;
    this.codec = codec;
    this.config = config;
  }

  /** Returns the documents. */
  public DocumentSet documents() {
    return documents;
  }

  /**
   * Returns batches of the first documents, of which the last may not be full.
   *
   * @param count at least 1; all documents if there are fewer
   */
  public Batches first(long count) {
    checkArgument(count > 0, "count is %s, expected at least 1", count);
    return count >= documents.size()
        ? this
        : new Batches(documents.first((int) count), codec, config);
  }

  /** Returns how many sequences an epoch has. */
  public long sequencesPerEpoch() {
    return sequences().perEpoch();
  }

  /** Returns how many batches an epoch has, of which the last may not be full. */
  public long batchesPerEpoch() {
    return (sequencesPerEpoch() + config.batchSize() - 1) / config.batchSize();
  }

  /**
   * Returns batches without end.
   *
   * @param from the first sequence: {@link DataPosition#START}, or where another run was
   */
  public BatchIterator endless(DataPosition from) {
    return iterator(from, Long.MAX_VALUE);
  }

  /** Returns the batches from a position to the end of epoch {@code epochs - 1}. */
  public BatchIterator epochs(DataPosition from, long epochs) {
    return iterator(from, epochs);
  }

  /** Returns the batches of the first epoch, as for validation. */
  public BatchIterator once() {
    return iterator(DataPosition.START, 1);
  }

  private BatchIterator iterator(DataPosition from, long epochs) {
    return new BatchIterator(sequences(), config, codec.padId(), from, epochs);
  }

  private Sequences sequences() {
    return switch (config.form()) {
      case PADDED -> new PaddedSequences(documents, codec, config);
      case PACKED -> new PackedSequences(documents, codec, config);
    };
  }
}
