// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mneme.compute.UserException;
import org.mneme.model.TextCodec;

/** The tokens of questions with each of their candidates. */
final class FactTokens {
  private final TextCodec codec;
  private final Candidates candidates;
  private final int longest;
  private final Map<String, int[]> encoded = new HashMap<>();

  /**
   * Encodes for a model.
   *
   * @param longest the model's {@code max_seq_len}
   */
  FactTokens(TextCodec codec, Candidates candidates, int longest) {
    this.codec = codec;
    this.candidates = candidates;
    this.longest = longest;
  }

  /**
   * Returns a question with each of its candidates, the right answer first.
   *
   * @throws UserException if one of them is longer than the model
   */
  List<Continuation> continuations(Fact fact) {
    int[] prompt = codec.encode(fact.prompt());
    List<Continuation> all = new ArrayList<>();
    candidates.of(fact).forEach(value -> all.add(continuation(fact, prompt, value)));
    return all;
  }

  private Continuation continuation(Fact fact, int[] prompt, String value) {
    int[] answer = encoded.computeIfAbsent(value, text -> codec.encode(Fact.answer(text)));
    if (answer.length == 0) {
      throw new UserException(
          describe(fact, value) + ": expected an answer with at least one token, got none");
    }
    int[] tokens = new int[1 + prompt.length + answer.length];
    tokens[0] = codec.beginId();
    System.arraycopy(prompt, 0, tokens, 1, prompt.length);
    System.arraycopy(answer, 0, tokens, 1 + prompt.length, answer.length);
    if (tokens.length - 1 > longest) {
      throw new UserException(
          describe(fact, value)
              + " has too many tokens: expected at most "
              + longest
              + ", the model's max_seq_len, got "
              + (tokens.length - 1)
              + ". Raise max_seq_len or leave the fact out.");
    }
    return new Continuation(tokens, 1 + prompt.length);
  }

  private static String describe(Fact fact, String value) {
    return "the fact '" + fact.prompt() + "' with the answer '" + value + "'";
  }
}
