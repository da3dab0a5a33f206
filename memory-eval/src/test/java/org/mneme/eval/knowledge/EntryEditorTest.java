// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
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
