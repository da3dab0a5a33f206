// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import com.google.common.hash.HashCode;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.mneme.train.data.shard.TokenShard;

/** Some of the documents of a shard, such as those for training. */
public final class DocumentSet {

  private final TokenShard shard;
  private final int[] documents;
  private final long tokens;

  /**
   * A choice of documents.
   *
   * @param documents their numbers in the shard
   */
  public DocumentSet(TokenShard shard, int[] documents) {
    this.shard = Objects.requireNonNull(shard, "shard");
    this.documents = documents.clone();
    this.tokens = Arrays.stream(documents).mapToLong(shard::length).sum();
  }

  /** All documents of a shard. */
  public static DocumentSet all(TokenShard shard) {
    return new DocumentSet(shard, IntStream.range(0, shard.documents()).toArray());
  }

  /** Returns the same documents in an order that depends on their number and the seed alone. */
  public DocumentSet shuffled(long seed) {
    if (documents.length == 0) {
      return this;
    }
    Permutation order = new Permutation(documents.length, seed);
    return new DocumentSet(
        shard,
        IntStream.range(0, documents.length).map(i -> documents[(int) order.at(i)]).toArray());
  }

  /**
   * Returns the first documents.
   *
   * @param count 0 to {@link #size}
   */
  DocumentSet first(int count) {
    return new DocumentSet(shard, Arrays.copyOf(documents, count));
  }

  /** Returns the shard that the documents lie in. */
  public TokenShard shard() {
    return shard;
  }

  /** Returns the number of documents. */
  public int size() {
    return documents.length;
  }

  /** Returns the number of tokens of all documents, without begin and end. */
  public long tokens() {
    return tokens;
  }

  /** Returns the SHA-256 of the source of the shard: these documents, and all others of it. */
  public HashCode sourceSha256() {
    return shard.sourceSha256();
  }

  /** Returns the number that a document has in the shard. */
  public int number(int index) {
    return documents[index];
  }

  /** Returns the number of tokens of a document. */
  public int length(int index) {
    return shard.length(documents[index]);
  }

  /** Returns the tokens of a document. */
  public int[] tokens(int index) {
    return shard.tokens(documents[index]);
  }

  /** Returns the number of ids of the vocabulary. */
  public int vocabularySize() {
    return shard.vocabularySize();
  }

  /** Copies some tokens of a document, see {@link TokenShard#copy}. */
  void copy(int index, int from, int count, int[] target, int offset) {
    shard.copy(documents[index], from, count, target, offset);
  }
}
