// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.LossEvaluator;
import org.mneme.eval.TinyModels;
import org.mneme.eval.TinyModels.Selected;
import org.mneme.eval.report.memory.MemoryEntryView;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;

class MemoryInspectorTest extends OnDevice {
  private static final int VOCABULARY = ByteCodec.VOCABULARY;

  private static final ByteCodec CODEC = new ByteCodec();
  private static final List<String> TEXTS =
      List.of("a small house", "of", "a text that is too long for one window of the model", "xyz");

  @TempDir Path directory;

  private static MemoryInspector inspector(LanguageModel model, int entries) {
    return new MemoryInspector(model, CODEC, new InspectionConfig(entries, 3, 4, 5, 2));
  }

  /** Everything that selected an entry, found by a pass over each window alone. */
  private static List<SelectionContext> all(LanguageModel model, int entry) {
    List<SelectionContext> found = new ArrayList<>();
    for (int document = 0; document < TEXTS.size(); document++) {
      String text = TEXTS.get(document);
      int start = 0;
      for (int[] window : TinyModels.windows(text)) {
        for (Selected selected : TinyModels.selections(model, window)) {
          if (selected.entry() == entry) {
            found.add(context(document, text, start + selected.position(), selected));
          }
        }
        start += window.length;
      }
    }
    return found;
  }

  /** Character i of these texts is place i + 1, after the begin token. */
  private static SelectionContext context(int document, String text, int place, Selected selected) {
    int at = place - 1;
    return new SelectionContext(
        at < 0 ? "" : text.substring(Math.max(0, at - 4), at),
        at < 0 ? "‹begin›" : text.substring(at, at + 1),
        text.substring(at + 1, Math.min(text.length(), at + 5)),
        selected.weight(),
        selected.layer(),
        selected.head(),
        document,
        place);
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"EMA_TOKEN", "GATED_MLP", "BESIDE"})
  void findsUsesAndTheWeightiestPlaces(PublishedSystem system) {
    try (LanguageModel model = TinyModels.create(device, system)) {
      UsageStatistics usage =
          new LossEvaluator(model).evaluate(TEXTS, CODEC, 3).usage().orElseThrow();

      MemoryInspection inspection = inspector(model, 6).mostUsed(usage, TEXTS, Optional.empty());

      assertThat(inspector(model, 6).mostUsed(TEXTS, Optional.empty())).isEqualTo(inspection);
      assertThat(inspection.positions()).isEqualTo(14 + 3 + 52 + 4);
      assertThat(inspection.entries()).hasSize(6);
      for (int i = 0; i < 6; i++) {
        EntryInspection entry = inspection.entries().get(i);
        assertThat(entry.entry()).isEqualTo(usage.mostUsed().get(i).entry());
        assertThat(entry.uses()).isEqualTo(usage.mostUsed().get(i).count());
        assertPlaces(entry.contexts(), all(model, entry.entry()));
      }
    }
  }

  private static void assertPlaces(List<SelectionContext> found, List<SelectionContext> all) {
    List<SelectionContext> expected = new ArrayList<>();
    all.stream()
        .sorted(
            Comparator.comparingDouble(SelectionContext::weight)
                .reversed()
                .thenComparing(SelectionContext::document)
                .thenComparing(SelectionContext::place))
        .filter(
            place ->
                expected.stream()
                    .noneMatch(
                        kept ->
                            kept.before().equals(place.before())
                                && kept.token().equals(place.token())))
        .forEach(expected::add);
    assertThat(found).hasSize(Math.min(3, expected.size()));
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i).weight()).isCloseTo(expected.get(i).weight(), within(1e-5));
      assertThat(found.get(i).marked()).isEqualTo(expected.get(i).marked());
      assertThat(found.get(i).layer()).isEqualTo(expected.get(i).layer());
      assertThat(found.get(i).head()).isEqualTo(expected.get(i).head());
      assertThat(found.get(i).place()).isEqualTo(expected.get(i).place());
    }
  }

  @Test
  void countsFirstSlotsApart() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      List<Integer> entries = IntStream.range(0, 64).boxed().toList();
      MemoryInspection inspection = inspector(model, 1).entries(entries, TEXTS, Optional.empty());

      long positions = inspection.positions() * model.config().nLayers();
      assertThat(inspection.entries().stream().mapToLong(EntryInspection::uses).sum())
          .isEqualTo(positions * model.config().numSelected());
      assertThat(inspection.entries().stream().mapToLong(EntryInspection::firstUses).sum())
          .isEqualTo(positions);
    }
  }

  @Test
  void showsHowTokensChanged() throws IOException {
    Path path = directory.resolve("initial.safetensors");
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.EMA_TOKEN)) {
      int[] bank = new int[64 * 3];
      for (int i = 0; i < bank.length; i++) {
        bank[i] = ByteCodec.id((char) ('a' + i % 3));
      }
      write(model, bank);
      MemorySnapshot.write(model, path);
      int z = ByteCodec.id('z');
      bank[5 * 3 + 1] = z;
      bank[9 * 3] = z;
      bank[9 * 3 + 2] = z;
      bank[2 * 3] = 2;
      write(model, bank);
      MemoryInspector inspector = inspector(model, 2);
      try (MemorySnapshot initial = MemorySnapshot.open(path, VOCABULARY)) {
        assertThat(inspector.changes(initial))
            .isEqualTo(new MemoryChanges(64, 3, 4 / 192.0, 3, (63 * 3 + 2) / 64.0, List.of(9, 2)));

        MemoryInspection changed = inspector.mostChanged(TEXTS, initial);

        EntryInspection first = changed.entries().get(0);
        assertThat(first.entry()).isEqualTo(9);
        assertThat(first.text()).isEqualTo("zbz");
        assertThat(first.distinctTokens()).isEqualTo(2);
        assertThat(first.changedTokens()).isEqualTo(2);
        assertThat(first.tokens().get(0)).isEqualTo(new EntryToken(ByteCodec.id('a'), "a", z, "z"));
        assertThat(first.tokens().get(1).changed()).isFalse();
        assertThat(changed.entries().get(1).tokens().get(0).current()).isEqualTo("‹end›");
        assertThat(changed.entries().get(1).text()).isEqualTo("bc");
        MemoryEntryView view = changed.reported("changed", "").entries().get(0);
        assertThat(view.index()).isEqualTo(9);
        assertThat(view.changedTokens()).isEqualTo(2);
        assertThat(view.useCount()).isEqualTo(first.uses());
        assertThat(view.contexts()).hasSameSizeAs(first.contexts());
      }
    }
  }

  private static void write(LanguageModel model, int[] bank) {
    device.transfer().writeInts(bank, model.memory().orElseThrow().bank());
  }

  @Test
  void namesTheTokensNearestToAVector() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.BESIDE)) {
      float[] embeddings = device.transfer().readFloats(model.embeddings().master());
      int d = model.config().dim();
      float[] vector = new float[d];
      for (int i = 0; i < d; i++) {
        vector[i] = 10 * embeddings[ByteCodec.id('q') * d + i];
      }
      try (Tensor row = model.memory().orElseThrow().bank().rows(7, 8)) {
        device.transfer().writeFloats(vector, row);
      }

      EntryInspection entry =
          inspector(model, 1).entries(List.of(7), TEXTS, Optional.empty()).entries().get(0);

      assertThat(entry.tokens()).isEmpty();
      assertThat(entry.text()).isEmpty();
      assertThat(entry.nearestTokens()).hasSize(5);
      List<String> expected =
          IntStream.range(0, ByteCodec.VOCABULARY)
              .boxed()
              .sorted(
                  Comparator.comparingDouble(
                      id ->
                          -IntStream.range(0, d)
                              .mapToDouble(i -> vector[i] * embeddings[id * d + i])
                              .sum()))
              .limit(5)
              .map(new TokenTexts(CODEC)::token)
              .toList();
      assertThat(entry.nearestTokens()).isEqualTo(expected);
    }
  }

  @Test
  void vectorsOfAnotherWidthHaveNoNearestTokens() {
    try (LanguageModel model = TinyModels.create(device, PublishedSystem.GATED_MLP)) {
      EntryInspection entry =
          inspector(model, 1).entries(List.of(7), TEXTS, Optional.empty()).entries().get(0);

      assertThat(entry.nearestTokens()).isEmpty();
    }
  }

  @Test
  void refusesWhatCannotBeInspected() throws IOException {
    Path path = directory.resolve("initial.safetensors");
    try (LanguageModel none = TinyModels.create(device, PublishedSystem.ORIGINAL);
        LanguageModel vectors = TinyModels.create(device, PublishedSystem.GATED_MLP);
        LanguageModel tokens = TinyModels.create(device, PublishedSystem.EMA_TOKEN);
        LanguageModel longer =
            TinyModels.create(
                device, TinyModels.config(PublishedSystem.EMA_TOKEN).knowledgeLength(4).build())) {
      MemorySnapshot.write(longer, path);
      assertThatThrownBy(() -> inspector(none, 1))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("no memory");
      assertThatThrownBy(() -> inspector(tokens, 1).entries(List.of(64), TEXTS, Optional.empty()))
          .isInstanceOf(UserException.class)
          .hasMessage("entry is 64, expected 0 to 63");
      assertThatThrownBy(() -> inspector(tokens, 1).entries(List.of(1, 1), TEXTS, Optional.empty()))
          .hasMessage("entries are [1, 1], expected each once");
      try (MemorySnapshot snapshot = MemorySnapshot.open(path, VOCABULARY)) {
        assertThatThrownBy(() -> inspector(tokens, 1).mostChanged(TEXTS, snapshot))
            .isInstanceOf(UserException.class)
            .hasMessageContaining(path.toString())
            .hasMessageContaining("64 entries of 4 tokens, expected 64 of 3");
        assertThatThrownBy(() -> inspector(vectors, 1).changes(snapshot))
            .isInstanceOf(UserException.class)
            .hasMessageContaining("holds vectors");
      }
    }
    assertThatThrownBy(() -> new InspectionConfig(0, 0, 0, 0, 1))
        .isInstanceOf(UserException.class)
        .hasMessage("entries is 0, expected at least 1");
  }
}
