// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.mneme.compute.Closer;
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

  /** Returns a change as {@link #edit(OptionalInt, String, String, String)} at no prompt's end. */
  public EntryEdit edit(OptionalInt entry, String text, String context) {
    return edit(entry, text, context, context);
  }

  /**
   * Returns a change after which an entry is read wherever a text has just been read. The entry
   * belongs to the last n tokens of that text, n one of the model's {@code context_lengths} that
   * the text fills. No begin token counts: the entry would be read at the start of documents only.
   *
   * @param entry the entry; empty for that of the longest context that the text fills
   * @param text content of the entry: in a memory that is addressed by text, what follows
   * @param context text that ends where the entry is to be read
   * @param prompt if it ends with the context, the context has the tokens that it has there: a
   *     tokenizer joins a word to the blank before it
   * @throws UserException if the model's memory is not addressed by text, the context is shorter
   *     than the shortest of the model's contexts, or the entry is not addressed at the end of it
   */
  public EntryEdit edit(OptionalInt entry, String text, String context, String prompt) {
    EntryContexts contexts =
        model
            .contexts()
            .map(EntryContexts::new)
            .orElseThrow(
                () ->
                    new UserException(
                        "a context is given: expected none, as the entries of this model are not"
                            + " addressed by text"));
    int[] ids = ContextTokens.of(codec, context, prompt);
    int filled = contexts.slotsWithin(ids.length);
    if (filled == 0) {
      throw new UserException(
          "context \""
              + context
              + "\" has "
              + ids.length
              + " tokens"
              + (ids.length == 0 ? "" : " (" + texts.quoted(ids) + ")")
              + ": expected at least "
              + contexts.length(0)
              + ", the shortest of the model's context_lengths. Give more of the text before it");
    }
    EntryContexts.Addresses addresses = contexts.addresses(ids);
    int[] atEnd = Arrays.copyOf(addresses.atEnd(), filled);
    int chosen = entry.orElse(atEnd[filled - 1]);
    Memories.requireEntry(memory, chosen);
    int slot = filled - 1;
    while (slot >= 0 && atEnd[slot] != chosen) {
      slot--;
    }
    if (slot < 0) {
      throw new UserException(
          "entry "
              + chosen
              + " is not addressed at the end of the context \""
              + context
              + "\": expected one of "
              + Arrays.toString(atEnd));
    }
    return owned(chosen, text, contexts, addresses, ids, addresses.firstAtEnd() + slot);
  }

  /** Returns an edit that gives the entry to the context of a place. */
  private EntryEdit owned(
      int entry,
      String text,
      EntryContexts contexts,
      EntryContexts.Addresses addresses,
      int[] ids,
      int place) {
    int end = place / addresses.slots() + 1;
    int length = contexts.length(place % addresses.slots());
    int[] tokens = Arrays.copyOfRange(ids, Math.max(0, end - length), end);
    List<String> context = Arrays.stream(tokens).mapToObj(texts::token).toList();
    return new EntryEdit(entry, text, OptionalInt.of(addresses.tags()[place]), context);
  }

  /**
   * Returns a change of an entry that a prompt reads, or could read. An empty entry of a memory
   * that is addressed by text belongs to no context, and no text reads it: it is given to the
   * context of the last place at which the prompt addresses it.
   *
   * @throws UserException if the entry is empty and the prompt does not address it
   */
  public EntryEdit edit(int entry, String text, String prompt) {
    Memories.requireEntry(memory, entry);
    if (model.contexts().isEmpty()) {
      return new EntryEdit(entry, text);
    }
    EntryContexts contexts = new EntryContexts(model.contexts().get());
    if (!contexts.isEmpty(entry)) {
      return new EntryEdit(entry, text);
    }
    int[] ids = begun(prompt);
    EntryContexts.Addresses addresses = contexts.addresses(ids);
    int place = addresses.lastPlaceOf(entry);
    if (place < 0) {
      throw empty(entry, "the prompt does not address it");
    }
    return owned(entry, text, contexts, addresses, ids, place);
  }

  private static UserException empty(int entry, String reason) {
    return new UserException(
        "entry "
            + entry
            + " is empty and belongs to no context, so that no text would read it; "
            + reason
            + ". Name the text after which it is read ('memory edit --context'), or an entry that"
            + " the prompt addresses ('memory trace')");
  }

  private int[] begun(String text) {
    int[] ids = codec.encode(text);
    int[] begun = new int[ids.length + 1];
    begun[0] = codec.beginId();
    System.arraycopy(ids, 0, begun, 1, ids.length);
    return begun;
  }

  /** Sets an entry for good; see {@link #set(EntryEdit)}. */
  public void set(int entry, String text) {
    set(new EntryEdit(entry, text));
  }

  /**
   * Changes an entry for good. One that is given to another context gets the most votes that an
   * entry can have, so that later reading does not soon replace it.
   *
   * @throws UserException if there is no such entry, the text has no token, or the entry is empty
   *     and is given to no context
   */
  public void set(EntryEdit edit) {
    int entry = edit.entry();
    Memories.requireEntry(memory, entry);
    EntryTokens tokens = encode(edit.text());
    model.contexts().ifPresent(contexts -> give(new EntryContexts(contexts), edit));
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

  private static void give(EntryContexts contexts, EntryEdit edit) {
    int entry = edit.entry();
    if (edit.owner().isEmpty()) {
      if (contexts.isEmpty(entry)) {
        throw empty(entry, "no context is given");
      }
      return;
    }
    int owner = edit.owner().getAsInt();
    boolean isOwn = !contexts.isEmpty(entry) && contexts.owner(entry) == owner;
    if (!isOwn) {
      contexts.set(entry, owner, contexts.mostVotes());
      contexts.write();
    }
  }

  /** Returns what an edit would do; see {@link #effect(EntryEdit, String, EffectConfig)}. */
  public EntryEffect effect(int entry, String text, String prompt, EffectConfig config) {
    return effect(edit(entry, text, prompt), prompt, config);
  }

  /**
   * Returns what an edit would do; the entry then is what it was.
   *
   * @param prompt follows the begin token
   * @throws UserException if there is no such entry, the text has no token, the prompt leaves no
   *     room in the model's longest sequence, or the entry is empty and is given to no context
   */
  public EntryEffect effect(EntryEdit edit, String prompt, EffectConfig config) {
    int entry = edit.entry();
    Memories.requireEntry(memory, entry);
    boolean cut = memory instanceof TokenCodebook && encode(edit.text()).isCut();
    State before = state(entry, prompt, config);
    State after;
    Optional<EntryContexts> kept = model.contexts().map(EntryContexts::new);
    try (Tensor row = copy(entry)) {
      try {
        set(edit);
        after = state(entry, prompt, config);
      } finally {
        Memories.write(model, new int[] {entry}, row);
        kept.ifPresent(EntryContexts::write);
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
    Device device = model.device();
    return Closer.initialized(
        device.allocate(MemoryTag.WORKSPACE, memory.bank().dtype(), 1, memory.width()),
        copy -> device.transfer().copy(memory.bank().rows(entry, entry + 1L), copy));
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
