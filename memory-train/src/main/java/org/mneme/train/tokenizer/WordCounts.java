// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often each piece of the pre-tokeniser occurs, within bounded memory: long pieces are counted
 * in parts, and where there are too many different ones, the rarest are left out.
 */
final class WordCounts {

  private static final Logger LOG = LoggerFactory.getLogger(WordCounts.class);
  private static final int REPORT_EVERY = 4096;

  /** Characters of the longest part of a piece. */
  static final int LONGEST = 1 << 14;

  private static final int MOST_WORDS = 1 << 22;
  private static final long MOST_CHARACTERS = 1L << 26;

  private final int mostWords;
  private final long mostCharacters;
  private long characters;
  private long leftOut;

  private final Map<String, Counter> counts = new HashMap<>();
  private final PreTokenizer preTokenizer = new PreTokenizer();

  WordCounts() {
    this(MOST_WORDS, MOST_CHARACTERS);
  }

  WordCounts(int mostWords, long mostCharacters) {
    this.mostWords = mostWords;
    this.mostCharacters = mostCharacters;
  }

  /** Counts all documents of a source. */
  void count(DocumentSource source, ProgressListener progress) {
    long documents = 0;
    try (DocumentCursor cursor = source.open()) {
      while (cursor.hasNext()) {
        add(cursor.next().text());
        if (++documents % REPORT_EVERY == 0) {
          progress.progress("count words", documents, -1);
        }
      }
    }
    progress.progress("count words", documents, documents);
    if (leftOut > 0) {
      LOG.warn(
          "{}: has more than {} different words; rare ones were left out {} times",
          source.name(),
          mostWords,
          leftOut);
    }
  }

  private void add(String text) {
    preTokenizer.split(
        text,
        (start, end) -> {
          for (int from = start; from < end; ) {
            int to = endOfPart(text, from, end);
            count(text.substring(from, to));
            from = to;
          }
        });
  }

  private static int endOfPart(String text, int from, int end) {
    if (end - from <= LONGEST) {
      return end;
    }
    int to = from + LONGEST;
    // A surrogate pair stays together.
    return Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to;
  }

  private void count(String word) {
    Counter counter = counts.get(word);
    if (counter == null) {
      counter = new Counter();
      counts.put(word, counter);
      characters += word.length();
    }
    counter.value++;
    if (counts.size() > mostWords || characters > mostCharacters) {
      leaveOutTheRarest();
    }
  }

  /** Halves the words by their counts alone, so that the order of the map decides nothing. */
  private void leaveOutTheRarest() {
    for (long floor = 1; isMoreThanHalf() && !counts.isEmpty(); floor *= 2) {
      long least = floor;
      counts
          .entrySet()
          .removeIf(
              word -> {
                boolean rare = word.getValue().value <= least;
                if (rare) {
                  characters -= word.getKey().length();
                  leftOut++;
                }
                return rare;
              });
    }
  }

  private boolean isMoreThanHalf() {
    return counts.size() > mostWords / 2 || characters > mostCharacters / 2;
  }

  int size() {
    return counts.size();
  }

  void forEach(ObjLongConsumer<String> action) {
    counts.forEach((word, counter) -> action.accept(word, counter.value));
  }

  private static final class Counter {
    long value;
  }
}
