// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.TinyModels;
import org.mneme.eval.TinyModels.Selected;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.config.PublishedSystem;

class EntryEditorTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();
  private static final String PROMPT = "a red fox";
  private static final EffectConfig CONFIG = new EffectConfig(5, SamplingConfig.greedy(8));

  private static int[] begun() {
    int[] wrapped = TinyModels.wrap(PROMPT);
    return Arrays.copyOf(wrapped, wrapped.length - 1);
  }

  private static List<Integer> selected(LanguageModel model) {
    return TinyModels.selections(model, begun()).stream().map(Selected::entry).distinct().toList();
  }

  private static double[] probabilities(LanguageModel model) {
    int[] ids = begun();
    float[] logits = TinyModels.logits(model, ids)[ids.length - 1];
    double sum = IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i])).sum();
    return IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i]) / sum).toArray();
  }

  @Test
  void tellsTheEffectAndLeavesTheEntryAsItWas() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      int entry = selected(model).get(0);
      TokenCodebook memory = (TokenCodebook) model.memory().orElseThrow();
      int[] before = memory.read(entry);
      double[] first = probabilities(model);
      EntryEditor editor = new EntryEditor(model, CODEC);
      EntryEffect effect = editor.effect(entry, "owl", PROMPT, CONFIG);

      assertThat(memory.read(entry)).isEqualTo(before);
      assertThat(probabilities(model)).isEqualTo(first);
      assertThat(effect.textBefore()).isEqualTo(CODEC.decode(before));
      assertThat(effect.textAfter()).isEqualTo("owl");
      assertThat(effect.divergence()).isPositive();
      assertThat(effect.next()).hasSize(5);

      editor.set(entry, "owl");
      double[] second = probabilities(model);
      for (TokenProbability token : effect.next()) {
        assertThat(token.before()).isCloseTo(first[token.id()], within(1e-5));
        assertThat(token.after()).isCloseTo(second[token.id()], within(1e-5));
      }
      double likeliest = Math.max(max(first), max(second));
      assertThat(Math.max(effect.next().get(0).before(), effect.next().get(0).after()))
          .isCloseTo(likeliest, within(1e-5));
      EntryEffect again = editor.effect(entry, "owl", PROMPT, CONFIG);
      assertThat(again.divergence()).isZero();
      assertThat(again.continuationBefore()).isEqualTo(effect.continuationAfter());
      assertThat(again.continuationAfter()).isEqualTo(effect.continuationAfter());
    }
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }

  @Test
  void anEntryThatThePromptDoesNotSelectChangesNothing() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      List<Integer> selected = selected(model);
      int entry = IntStream.range(0, 64).filter(e -> !selected.contains(e)).findFirst().orElse(-1);
      assertThat(entry).isNotNegative();
      EntryEffect effect = new EntryEditor(model, CODEC).effect(entry, "owl", PROMPT, CONFIG);
      assertThat(effect.placesBefore()).isEmpty();
      assertThat(effect.divergence()).isZero();
      assertThat(effect.next()).allMatch(token -> token.before() == token.after());
    }
  }

  @Test
  void tellsWhereThePromptSelectsTheEntry() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      int entry = selected(model).get(0);
      List<SelectedPlace> expected = new ArrayList<>();
      for (Selected one : TinyModels.selections(model, begun())) {
        if (one.entry() == entry) {
          String token =
              one.position() == 0
                  ? "‹begin›"
                  : PROMPT.substring(one.position() - 1, one.position());
          expected.add(
              new SelectedPlace(
                  one.layer(), one.position(), token, one.head(), one.slot(), one.weight()));
        }
      }
      EntryEffect effect = new EntryEditor(model, CODEC).effect(entry, "owl", PROMPT, CONFIG);
      assertThat(effect.placesBefore()).isEqualTo(expected);

      List<PromptReads> reads = new PromptProbe(model, CODEC).reads(PROMPT, 100);
      assertThat(reads)
          .extracting(PromptReads::entry)
          .containsExactlyInAnyOrderElementsOf(selected(model));
      assertThat(reads)
          .filteredOn(read -> read.entry() == entry)
          .singleElement()
          .extracting(PromptReads::places)
          .isEqualTo(expected);
      // The weights of each head at each position of each layer are 1 in all.
      assertThat(reads.stream().mapToDouble(PromptReads::weight).sum())
          .isCloseTo(2.0 * begun().length, within(1e-3));
      assertThat(reads.get(0).weight()).isGreaterThanOrEqualTo(reads.get(1).weight());
    }
  }

  @Test
  void aVectorAsWideAsTheModelGetsTheMeanOfTheEmbeddings() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.BESIDE)) {
      new EntryEditor(model, CODEC).set(7, "ab");
      float[] embeddings = device.transfer().readFloats(model.embeddings().master());
      float[] entry = ((VectorCodebook) model.memory().orElseThrow()).read(7);
      int width = entry.length;
      for (int i = 0; i < width; i++) {
        float mean =
            (embeddings[ByteCodec.id('a') * width + i] + embeddings[ByteCodec.id('b') * width + i])
                / 2;
        assertThat(entry[i]).isCloseTo(mean, within(1e-6f));
      }
      int chosen = selected(model).get(0);
      EntryEffect effect = new EntryEditor(model, CODEC).effect(chosen, "owl", PROMPT, CONFIG);
      assertThat(effect.divergence()).isPositive();
      assertThat(effect.textAfter()).contains(" | ");
    }
  }

  @Test
  void tellsThatATextWasCut() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      EntryEffect effect = new EntryEditor(model, CODEC).effect(0, "otter", PROMPT, CONFIG);
      assertThat(effect.isCut()).isTrue();
      assertThat(effect.textAfter()).isEqualTo("ott");
    }
  }

  /** Tokens alone would not do: an entry without owner and votes is read nowhere. */
  @Test
  void anEmptyEntryThatAContextAddressesIsReadThere() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.CONTEXT)) {
      EntryEditor editor = new EntryEditor(model, CODEC);
      EntryEdit edit = editor.edit(OptionalInt.empty(), "owl", PROMPT);
      double[] before = probabilities(model);
      int[] votes = device.transfer().readInts(model.contexts().orElseThrow().votes());
      EntryEffect effect = editor.effect(edit, PROMPT, CONFIG);
      assertThat(effect.divergence()).isPositive();
      assertThat(effect.textAfter()).isEqualTo("owl");
      assertThat(probabilities(model)).as("put back").isEqualTo(before);
      assertThat(device.transfer().readInts(model.contexts().orElseThrow().votes()))
          .isEqualTo(votes);

      editor.set(edit);
      assertThat(probabilities(model)).isNotEqualTo(before);
      int[] now = device.transfer().readInts(model.contexts().orElseThrow().votes());
      assertThat(now[edit.entry()]).isEqualTo(model.contexts().orElseThrow().config().mostVotes());

      double[] owl = probabilities(model);
      editor.set(edit.entry(), "fox");
      assertThat(probabilities(model)).as("no longer empty: the text alone").isNotEqualTo(owl);
    }
  }

  /** What the command does with a prompt and the number of an entry, and nothing else. */
  @Test
  void thePromptGivesAnEmptyEntryItsContext() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.CONTEXT)) {
      EntryEditor editor = new EntryEditor(model, CODEC);
      int entry = editor.edit(OptionalInt.empty(), "owl", PROMPT).entry();
      assertThat(editor.effect(entry, "owl", PROMPT, CONFIG).divergence()).isPositive();

      int[] addresses =
          new EntryContexts(model.contexts().orElseThrow()).addresses(begun()).entries();
      List<Integer> addressed = Arrays.stream(addresses).boxed().toList();
      int other =
          IntStream.range(0, 64).filter(e -> !addressed.contains(e)).findFirst().orElseThrow();
      assertThatThrownBy(() -> editor.edit(other, "owl", PROMPT))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("entry " + other + " is empty", "--context");
      assertThatThrownBy(() -> editor.set(other, "owl"))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("belongs to no context");
      assertThatThrownBy(() -> editor.edit(OptionalInt.of(other), "owl", PROMPT))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("is not addressed at the end", "expected one of");
    }
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      EntryEditor editor = new EntryEditor(model, CODEC);
      assertThatThrownBy(() -> editor.edit(OptionalInt.of(1), "owl", PROMPT))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("not addressed by text");
    }
  }

  /**
   * Words with the blank before them, as a byte-level tokenizer has them; 0 pads, 1 and 2 frame.
   */
  private record Words(List<String> texts) implements TextCodec {
    static final Words OF_A_LAKE =
        new Words(
            List.of(
                "", "", "", " ", "a", " a", "small", " small", "we", " came", " to", " lake", "l",
                " s", "mall"));

    @Override
    public int[] encode(String text) {
      List<Integer> ids = new ArrayList<>();
      for (int at = 0; at < text.length(); ) {
        int longest = -1;
        for (int id = 3; id < texts.size(); id++) {
          if (text.startsWith(texts.get(id), at)
              && (longest < 0 || texts.get(id).length() > texts.get(longest).length())) {
            longest = id;
          }
        }
        ids.add(longest);
        at += texts.get(longest).length();
      }
      return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String decode(int[] ids) {
      return Arrays.stream(ids).mapToObj(texts::get).collect(Collectors.joining());
    }

    @Override
    public int beginId() {
      return 1;
    }

    @Override
    public int endId() {
      return 2;
    }

    @Override
    public int padId() {
      return 0;
    }

    @Override
    public int vocabularySize() {
      return texts.size();
    }
  }

  private LanguageModel contexts(Integer... lengths) {
    return TinyModels.create(
        device,
        TinyModels.config(PublishedSystem.CONTEXT).contextLengths(List.of(lengths)).build());
  }

  /**
   * The example of the documentation. The begin token before a context of two tokens made it one of
   * three, which is found at the start of a document only: the edit changed nothing.
   */
  @Test
  void aShortContextIsReadWithinAText() {
    try (LanguageModel model = contexts(1, 2, 3, 4, 6)) {
      EntryEditor editor = new EntryEditor(model, Words.OF_A_LAKE);
      String prompt = "we came to a small";
      EntryEdit edit = editor.edit(OptionalInt.empty(), " lake", "a small", prompt);
      assertThat(edit.context()).containsExactly(" a", " small");
      EntryEffect effect = editor.effect(edit, prompt, CONFIG);
      assertThat(effect.placesAfter()).isNotEmpty();
      assertThat(effect.divergence()).isPositive();
      assertThat(effect.changesNothing()).isFalse();

      EntryEdit blank = editor.edit(OptionalInt.empty(), " lake", " a small", "a small we came");
      assertThat(blank).as("tokens of the context alone").isEqualTo(edit);
      EntryEdit bare = editor.edit(OptionalInt.empty(), " lake", "a small", "we came");
      assertThat(bare.context()).containsExactly("a", " small");
      assertThat(editor.effect(bare, prompt, CONFIG).changesNothing()).isTrue();
      EntryEdit all = editor.edit(OptionalInt.empty(), " lake", prompt, prompt);
      assertThat(all.context()).containsExactly(" came", " to", " a", " small");
    }
  }

  @Test
  void aContextHoldsNoTokenThatItDoesNotFill() {
    try (LanguageModel model = contexts(1, 2, 3)) {
      EntryEditor editor = new EntryEditor(model, Words.OF_A_LAKE);
      OptionalInt any = OptionalInt.empty();
      assertThat(editor.edit(any, "l", "a small", "we  a small").context())
          .as("not the token of a blank before it")
          .containsExactly(" a", " small");
      assertThat(editor.edit(any, "l", " small", "we came to a small").context())
          .containsExactly(" small");
      assertThatThrownBy(() -> editor.edit(any, "l", "all", "we came to a small"))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("context \"all\" has 0 tokens", "expected at least 1");
    }
  }

  @Test
  void aContextShorterThanAllOfTheModelIsRefused() {
    try (LanguageModel model = contexts(3, 4)) {
      EntryEditor editor = new EntryEditor(model, Words.OF_A_LAKE);
      assertThatThrownBy(
              () -> editor.edit(OptionalInt.empty(), "l", "a small", "we came to a small"))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll(
              "context \"a small\" has 2 tokens (\" a\" \" small\")",
              "expected at least 3, the shortest of the model's context_lengths");
      EntryEdit edit = editor.edit(OptionalInt.empty(), "l", "to a small", "we came to a small");
      assertThat(edit.context()).containsExactly(" to", " a", " small");
    }
  }

  @Test
  void refusesWhatCannotBeEdited() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      EntryEditor editor = new EntryEditor(model, CODEC);
      assertThatThrownBy(() -> editor.set(64, "owl"))
          .isInstanceOf(UserException.class)
          .hasMessage("entry is 64, expected 0 to 63");
      assertThatThrownBy(() -> editor.set(0, ""))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("expected at least one token");
      assertThatThrownBy(() -> editor.effect(0, "owl", "x".repeat(40), CONFIG))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("prompt has 40 tokens");
    }
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_VECTOR)) {
      assertThatThrownBy(() -> new EntryEditor(model, CODEC))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("width 8", "export and import");
    }
  }
}
