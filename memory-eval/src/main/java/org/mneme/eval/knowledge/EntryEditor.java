// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.eval.TextWindows;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.eval.inspect.TokenTexts;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;

/**
 * Changes single entries of a memory.
 *
 * <pre>{@code
 * EntryEditor editor = new EntryEditor(model, codec);
 * EntryEffect effect = editor.effect(17, " the great river", "the", EffectConfig.DEFAULT);
 * editor.set(17, " the great river");
 * }</pre>
 *
 * <p>An entry of tokens gets the tokens of the text, an entry that is a vector as wide as the model
 * the mean of their embeddings, which is what a read of these tokens would give.
 */
public final class EntryEditor {
  private final LanguageModel model;
  private final Codebook memory;
  private final TextCodec codec;
  private final TokenTexts texts;
  private final PromptProbe probe;

  /**
   * An editor of a model's memory.
   *
   * @throws UserException if it has none, its entries cannot be told by a text, or the tokenizer
   *     has ids that the model does not know
   */
  public EntryEditor(LanguageModel model, TextCodec codec) {
    this.model = model;
    this.memory = Memories.of(model);
    this.codec = TextWindows.checked(codec, model);
    this.texts = new TokenTexts(codec);
    this.probe = new PromptProbe(model, codec);
    if (memory instanceof VectorCodebook && memory.width() != model.config().dim()) {
      throw new UserException(
          "entries are vectors of width "
              + memory.width()
              + ", expected tokens, or vectors of the model's width "
              + model.config().dim()
              + ": no text stands for these; export and import can change them");
    }
  }

  /**
   * Sets an entry for good.
   *
   * @throws UserException if there is no such entry, or the text has no token
   */
  public void set(int entry, String text) {
    Memories.requireEntry(memory, entry);
    EntryTokens tokens = encode(text);
    try (Tensor row =
        model.device().allocate(MemoryTag.WORKSPACE, memory.bank().dtype(), 1, memory.width())) {
      if (memory instanceof TokenCodebook) {
        model.device().transfer().writeInts(tokens.ids(), row);
      } else {
        mean(tokens.ids(), row);
      }
      Memories.write(model, new int[] {entry}, row);
    }
  }

  /**
   * What an edit would do; the entry then is what it was.
   *
   * @param prompt follows the begin token
   * @throws UserException if there is no such entry, the text has no token, or the prompt leaves no
   *     room in the model's longest sequence
   */
  public EntryEffect effect(int entry, String text, String prompt, EffectConfig config) {
    Memories.requireEntry(memory, entry);
    boolean cut = memory instanceof TokenCodebook && encode(text).isCut();
    State before = state(entry, prompt, config);
    State after;
    try (Tensor kept = copy(entry)) {
      try {
        set(entry, text);
        after = state(entry, prompt, config);
      } finally {
        Memories.write(model, new int[] {entry}, kept);
      }
    }
    double[] p = before.reading.next();
    double[] q = after.reading.next();
    return new EntryEffect(
        entry,
        before.text,
        after.text,
        cut,
        likeliest(p, q, config.nextTokens()),
        divergence(p, q),
        before.continuation,
        after.continuation,
        before.reading.places(),
        after.reading.places());
  }

  private record State(String text, PromptProbe.Reading reading, String continuation) {}

  private State state(int entry, String prompt, EffectConfig config) {
    PromptProbe.Reading reading = probe.read(prompt, entry);
    String continuation =
        new TextGenerator(model, codec).generate(prompt, config.sampling()).text();
    return new State(probe.text(entry), reading, continuation);
  }

  private EntryTokens encode(String text) {
    int places =
        memory instanceof TokenCodebook ? memory.width() : Math.max(1, codec.encode(text).length);
    try {
      return EntryTokens.of(codec, text, places);
    } catch (IllegalArgumentException e) {
      throw new UserException("text is \"" + text + "\", expected at least one token", e);
    }
  }

  private void mean(int[] tokens, Tensor row) {
    Device device = model.device();
    try (Tensor ids = device.allocate(MemoryTag.WORKSPACE, DType.I32, 1, tokens.length);
        Tensor first = device.allocate(MemoryTag.WORKSPACE, DType.I32, 1)) {
      device.transfer().writeInts(tokens, ids);
      device.transfer().fill(first, 0);
      device.memory().decodeTokenMemory(model.embeddings().master(), ids, first, row);
    }
  }

  private Tensor copy(int entry) {
    Tensor copy =
        model.device().allocate(MemoryTag.WORKSPACE, memory.bank().dtype(), 1, memory.width());
    model.device().transfer().copy(memory.bank().rows(entry, entry + 1L), copy);
    return copy;
  }

  private List<TokenProbability> likeliest(double[] before, double[] after, int count) {
    return IntStream.range(0, before.length)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(id -> Math.max(before[id], after[id])).reversed())
        .limit(count)
        .map(id -> new TokenProbability(id, texts.token(id), before[id], after[id]))
        .toList();
  }

  private static double divergence(double[] p, double[] q) {
    double sum = 0;
    for (int id = 0; id < p.length; id++) {
      if (p[id] > 0) {
        sum += p[id] * (Math.log(p[id]) - Math.log(Math.max(q[id], Double.MIN_NORMAL)));
      }
    }
    return Math.max(0, sum);
  }
}
