// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.List;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.random.Seeds;

/**
 * Fills token entries from tokenised sentences, so that a person can read them from the start.
 *
 * <ol>
 *   <li>Entry i gets the first K tokens of sentence i; empty sentences are skipped. A sentence
 *       shorter than K is repeated from its first token on until K tokens are full, so that no
 *       padding weighs on the entry's mean.
 *   <li>If entries are left, they get the further pieces of K tokens of the longer sentences: first
 *       the second piece of each, then the third, and so on; the last piece of a sentence is its
 *       last K tokens, so that it is full as well.
 *   <li>If entries are left still, they get random tokens.
 * </ol>
 *
 * <p>Sentences beyond the number of entries are not used.
 */
public final class SentenceEntries {
  private static final String STREAM = "memory.sentences";

  private SentenceEntries() {}

  /**
   * What entries were filled with, in order of the entries.
   *
   * @param firstPieces entries with the beginning of a sentence
   * @param furtherPieces entries with a later piece of a sentence
   * @param random entries with random tokens
   */
  public record Filling(int firstPieces, int furtherPieces, int random) {}

  /**
   * Fills a codebook.
   *
   * @param sentences token ids of each sentence
   * @param range of the random tokens; {@code high} bounds the tokens of sentences too
   * @param seed of the random tokens
   * @throws UserException if a token is not below {@code range.high()}, naming the sentence
   */
  public static Filling fill(
      TokenCodebook codebook, List<int[]> sentences, TokenRange range, long seed) {
    EntryWriter writer = new EntryWriter(codebook);
    int longest = writeFirstPieces(writer, sentences, range);
    int firstPieces = writer.written();
    int length = codebook.width();
    for (long from = length; from < longest && !writer.isFull(); from += length) {
      writePieces(writer, sentences, (int) from, length);
    }
    writer.flush();
    int fromSentences = writer.written();
    if (!writer.isFull()) {
      Tensor rest = codebook.bank().rows(fromSentences, codebook.entries());
      codebook
          .device()
          .random()
          .uniformInts(rest, range.low(), range.high(), Seeds.of(seed, STREAM));
    }
    return new Filling(
        firstPieces, fromSentences - firstPieces, codebook.entries() - fromSentences);
  }

  /** Writes the first piece of each sentence and returns the longest length of those read. */
  private static int writeFirstPieces(EntryWriter writer, List<int[]> sentences, TokenRange range) {
    int longest = 0;
    int number = 0;
    for (int[] sentence : sentences) {
      if (writer.isFull()) {
        break;
      }
      check(sentence, number++, range);
      if (sentence.length > 0) {
        writer.write(sentence, 0);
        longest = Math.max(longest, sentence.length);
      }
    }
    return longest;
  }

  private static void writePieces(EntryWriter writer, List<int[]> sentences, int from, int length) {
    for (int[] sentence : sentences) {
      if (sentence.length > from && !writer.isFull()) {
        writer.write(sentence, Math.min(from, sentence.length - length));
      }
    }
  }

  private static void check(int[] sentence, int number, TokenRange range) {
    for (int token : sentence) {
      if (token < 0 || token >= range.high()) {
        throw new UserException(
            "sentence "
                + number
                + ": found token "
                + token
                + ", wanted 0 to "
                + (range.high() - 1));
      }
    }
  }
}
