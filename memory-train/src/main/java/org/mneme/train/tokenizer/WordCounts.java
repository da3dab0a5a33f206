// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;

/** How often each piece of the pre-tokeniser occurs. */
final class WordCounts {

  private static final int REPORT_EVERY = 4096;

  private final Map<String, Counter> counts = new HashMap<>();
  private final PreTokenizer preTokenizer = new PreTokenizer();

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
  }

  private void add(String text) {
    preTokenizer.split(
        text,
        (start, end) ->
            counts.computeIfAbsent(text.substring(start, end), word -> new Counter()).value++);
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
