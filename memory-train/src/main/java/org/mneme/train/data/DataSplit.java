// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.mneme.compute.UserException;
import org.mneme.memory.random.Seeds;
import org.mneme.train.data.shard.TokenShard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Documents for training and, apart from them, documents for validation.
 *
 * @param training the documents to learn from
 * @param validation the documents that are held out; empty where none were asked for
 */
public record DataSplit(DocumentSet training, DocumentSet validation) {

  private static final Logger LOG = LoggerFactory.getLogger(DataSplit.class);

  /**
   * Divides the documents of a shard. Which side a document falls on depends on its number and the
   * seed alone, so that further documents after it change nothing. Both sides get at least one. A
   * warning gives the number of documents that are held out and also learned, word for word.
   *
   * @param validationFraction share of documents to hold out, in [0, 1); 0 holds out none
   * @throws UserException when there is one document only, and some shall be held out
   */
  public static DataSplit of(TokenShard shard, double validationFraction, long seed) {
    checkArgument(
        validationFraction >= 0 && validationFraction < 1,
        "validationFraction is %s, expected at least 0 and below 1",
        validationFraction);
    if (validationFraction == 0) {
      return new DataSplit(DocumentSet.all(shard), new DocumentSet(shard, new int[0]));
    }
    if (shard.documents() < 2) {
      throw new UserException(
          shard.summary().name()
              + ": has 1 document, expected at least 2 to hold some out for validation");
    }
    // The 53 upper bits of a hash as a number in [0, 1), compared with the share.
    IntPredicate heldOut = document -> hash(document, seed) * 0x1.0p-53 < validationFraction;
    Comparator<Integer> byHash = Comparator.comparingLong(document -> hash(document, seed));
    int lowest = IntStream.range(0, shard.documents()).boxed().min(byHash).orElseThrow();
    int highest = IntStream.range(0, shard.documents()).boxed().max(byHash).orElseThrow();
    IntPredicate both = d -> d == lowest || (d != highest && heldOut.test(d));
    DataSplit split = new DataSplit(select(shard, both.negate()), select(shard, both));
    int duplicates = split.duplicates();
    if (duplicates > 0) {
      LOG.warn(
          "{}: {} of {} held-out documents are also in the training text, word for word",
          shard.summary().name(),
          duplicates,
          split.validation.size());
    }
    return split;
  }

  /** Returns how many of the documents for validation are among those for training. */
  int duplicates() {
    BitSet lengths = new BitSet();
    for (int i = 0; i < validation.size(); i++) {
      lengths.set(validation.length(i));
    }
    long[] learned =
        IntStream.range(0, training.size())
            .filter(i -> lengths.get(training.length(i)))
            .mapToLong(i -> contents(training, i))
            .sorted()
            .toArray();
    return (int)
        IntStream.range(0, validation.size())
            .filter(i -> Arrays.binarySearch(learned, contents(validation, i)) >= 0)
            .count();
  }

  /** A hash of 64 bits, by which two documents of a shard differ unless they are the same. */
  private static long contents(DocumentSet documents, int index) {
    long hash = documents.length(index);
    for (int token : documents.tokens(index)) {
      hash = Seeds.mix(hash, token);
    }
    return hash;
  }

  private static long hash(int document, long seed) {
    return Seeds.mix(seed, document) >>> 11;
  }

  private static DocumentSet select(TokenShard shard, IntPredicate chosen) {
    return new DocumentSet(shard, IntStream.range(0, shard.documents()).filter(chosen).toArray());
  }
}
