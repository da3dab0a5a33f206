// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.google.common.collect.Streams;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mneme.model.TextCodec;
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

  /** Far more than four words have. */
  private static final int PROMPT_TOKENS = 64;

  /** The begin token and one new token. */
  private static final int AROUND_PROMPT = 2;

  /** Copies the lists. */
  public ExperimentTexts {
    prompts = List.copyOf(prompts);
    watched = List.copyOf(watched);
  }

  /**
   * The first words of held-out documents as prompts, and the documents to watch.
   *
   * @param longestSequence the model's {@code max_seq_len}: no prompt takes more than half of it
   */
  public static ExperimentTexts of(DocumentSet heldOut, Tokenizer tokenizer, int longestSequence) {
    List<String> watched = watched(heldOut, tokenizer);
    return new ExperimentTexts(beginnings(watched, tokenizer, longestSequence), watched);
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

  /**
   * Returns the first words of the first few texts. Text without spaces, such as Chinese, is one
   * word as long as itself, so a beginning is also cut by its tokens, between two characters.
   *
   * @param longestSequence the model's {@code max_seq_len}; where that has no room for a prompt,
   *     there are none
   */
  public static List<String> beginnings(
      Iterable<String> texts, TextCodec codec, int longestSequence) {
    int room = Math.min(PROMPT_TOKENS, (longestSequence - AROUND_PROMPT) / 2);
    return room < 1
        ? List.of()
        : Streams.stream(texts)
            .limit(PROMPTS)
            .map(text -> cut(firstWords(text), codec, room))
            .toList();
  }

  private static String firstWords(String text) {
    String[] words = text.split(" ", PROMPT_WORDS + 1);
    return String.join(" ", List.of(words).subList(0, Math.min(PROMPT_WORDS, words.length)));
  }

  /**
   * The longest beginning that has at most so many tokens. A beginning is encoded by itself: the
   * tokens of a text are not always those of its beginning and more.
   */
  private static String cut(String text, TextCodec codec, int most) {
    String beginning = text;
    for (int tokens = codec.encode(text).length; tokens > most; ) {
      int shorter =
          Math.min(beginning.length() - 1, (int) ((long) beginning.length() * most / tokens));
      beginning = text.substring(0, boundary(text, shorter));
      tokens = codec.encode(beginning).length;
    }
    return beginning;
  }

  /** The last place up to this one that is not within a character as a reader sees it. */
  private static int boundary(String text, int place) {
    BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
    characters.setText(text);
    return place <= 0 || characters.isBoundary(place)
        ? Math.max(0, place)
        : characters.preceding(place);
  }
}
