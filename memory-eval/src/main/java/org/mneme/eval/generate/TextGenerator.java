// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.eval.TextWindows;
import org.mneme.model.Decoder;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.layers.SelectionObserver;

/**
 * Lets a model continue a text, token by token with a key/value cache. Equal model, prompt and
 * {@link SamplingConfig} give equal texts.
 */
public final class TextGenerator {
  private final LanguageModel model;
  private final TextCodec codec;
  private final SelectionObserver observer;

  /**
   * A generator of a model and its tokenizer.
   *
   * @throws UserException if the tokenizer has ids that the model does not know
   */
  public TextGenerator(LanguageModel model, TextCodec codec) {
    this(model, codec, SelectionObserver.NONE);
  }

  /**
   * A generator that tells what the model's memory layers select, or changes what they read.
   *
   * @throws UserException if the tokenizer has ids that the model does not know
   */
  public TextGenerator(LanguageModel model, TextCodec codec, SelectionObserver observer) {
    this.model = model;
    this.codec = TextWindows.checked(codec, model);
    this.observer = observer;
  }

  /** Continues a prompt; see {@link #generate(String, SamplingConfig, TokenListener)}. */
  public Generation generate(String prompt, SamplingConfig config) {
    return generate(prompt, config, TokenListener.NONE);
  }

  /**
   * Continues a prompt, which follows the begin token and may be empty.
   *
   * @param listener told of each token as it is chosen
   * @throws UserException if the prompt leaves no room in the model's longest sequence
   */
  public Generation generate(String prompt, SamplingConfig config, TokenListener listener) {
    int[] begun = begin(prompt, codec, model.config().maxSeqLen());
    Sampler sampler = new Sampler(config);
    sampler.observe(begun);
    try (Decoder decoder = new Decoder(model, observer)) {
      Text text = new Text(listener);
      float[] logits = decoder.append(begun);
      while (true) {
        int token = sampler.choose(known(logits));
        if (config.stopAtEnd() && token == codec.endId()) {
          return text.result(prompt, StopReason.END_TOKEN);
        }
        text.add(token);
        sampler.observe(token);
        if (text.tokens.size() == config.maxTokens()) {
          return text.result(prompt, StopReason.MAX_TOKENS);
        }
        if (decoder.remaining() <= 1) {
          return text.result(prompt, StopReason.MAX_SEQUENCE);
        }
        logits = decoder.append(token);
      }
    }
  }

  /**
   * Checks that a prompt can be continued, without a model: before it is trained, say.
   *
   * @param longestSequence the model's {@code max_seq_len}
   * @throws UserException if the prompt leaves no room for a new token
   */
  public static void requireFit(String prompt, TextCodec codec, int longestSequence) {
    begin(prompt, codec, longestSequence);
  }

  private static int[] begin(String prompt, TextCodec codec, int longest) {
    int[] ids = codec.encode(prompt);
    if (ids.length + 2 > longest) {
      throw new UserException(
          "the prompt '"
              + prompt
              + "' is too long: expected at most "
              + (longest - 2)
              + " tokens, as the model's max_seq_len of "
              + longest
              + " also holds the begin token and one new token, got "
              + ids.length
              + ". Shorten the prompt.");
    }
    int[] begun = new int[ids.length + 1];
    begun[0] = codec.beginId();
    System.arraycopy(ids, 0, begun, 1, ids.length);
    return begun;
  }

  /** A model can have more rows of embeddings than there are tokens; those are never chosen. */
  private float[] known(float[] logits) {
    int tokens = codec.vocabularySize();
    return tokens < logits.length ? Arrays.copyOf(logits, tokens) : logits;
  }

  private final class Text {
    private final TokenListener listener;
    private final TextStream stream = new TextStream(codec);
    private final StringBuilder written = new StringBuilder();
    private final List<Integer> tokens = new ArrayList<>();

    Text(TokenListener listener) {
      this.listener = listener;
    }

    void add(int token) {
      tokens.add(token);
      tell(token, stream.add(token));
    }

    private void tell(int token, String piece) {
      written.append(piece);
      listener.added(token, piece);
    }

    Generation result(String prompt, StopReason reason) {
      String rest = stream.finish();
      if (!rest.isEmpty()) {
        tell(-1, rest);
      }
      return new Generation(prompt, written.toString(), tokens, reason);
    }
  }
}
