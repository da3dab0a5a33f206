// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;

/** A small text for tests, made by rule, whose words are shared by its documents. */
final class Corpus {

  private static final String[] STEMS = {
    "walk",
    "talk",
    "remember",
    "forget",
    "gloss",
    "memor",
    "sequence",
    "naïve",
    "été",
    "Straße",
    "知識",
    "記憶",
    "знание",
    "🔎\ufe0e",
    "😀",
    "1998",
    "3.14",
    "don't",
    "we'll",
    "(see)",
    "<b>",
    "…"
  };
  private static final String[] ENDINGS = {"", "s", "ing", "ed", "er", "y", "ness", ",", ".", "\n"};

  private Corpus() {}

  static List<String> texts(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 3 + random.nextInt(30); n > 0; n--) {
        // Squared, so that some words are frequent and others rare, without ties everywhere.
        double rank = random.nextDouble() * random.nextDouble();
        text.append(STEMS[(int) (rank * STEMS.length)]);
        text.append(ENDINGS[random.nextInt(ENDINGS.length)]);
        text.append(random.nextInt(20) == 0 ? "  " : " ");
      }
      texts.add(text.toString());
    }
    return texts;
  }

  static DocumentSource source(int count, long seed) {
    return DocumentSource.of("corpus", texts(count, seed).stream().map(Document::new).toList());
  }
}
