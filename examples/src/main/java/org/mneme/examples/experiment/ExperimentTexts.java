// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.google.common.collect.Streams;
import java.util.ArrayList;
import java.util.List;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * Texts with which a trained model is looked at.
 *
 * @param prompts beginnings that it continues
 * @param watched texts on which is shown which memory entries are chosen where
 */
public record ExperimentTexts(List<String> prompts, List<String> watched) {
  private static final int WATCHED = 300;
  private static final int PROMPTS = 4;
  private static final int PROMPT_WORDS = 4;

  /** Copies the lists. */
  public ExperimentTexts {
    prompts = List.copyOf(prompts);
    watched = List.copyOf(watched);
  }

  /** The first words of held-out documents as prompts, and the documents to watch. */
  public static ExperimentTexts of(DocumentSet heldOut, Tokenizer tokenizer) {
    List<String> watched = watched(heldOut, tokenizer);
    return new ExperimentTexts(beginnings(watched), watched);
  }

  /** Given prompts, and held-out documents to watch. */
  public static ExperimentTexts of(List<String> prompts, DocumentSet heldOut, Tokenizer tokenizer) {
    return new ExperimentTexts(prompts, watched(heldOut, tokenizer));
  }

  private static List<String> watched(DocumentSet heldOut, Tokenizer tokenizer) {
    List<String> watched = new ArrayList<>();
    for (int i = 0; i < Math.min(WATCHED, heldOut.size()); i++) {
      watched.add(tokenizer.decode(heldOut.tokens(i)));
    }
    return watched;
  }

  /** The first words of the first few texts. */
  public static List<String> beginnings(Iterable<String> texts) {
    return Streams.stream(texts).limit(PROMPTS).map(ExperimentTexts::firstWords).toList();
  }

  private static String firstWords(String text) {
    String[] words = text.split(" ", PROMPT_WORDS + 1);
    return String.join(" ", List.of(words).subList(0, Math.min(PROMPT_WORDS, words.length)));
  }
}
