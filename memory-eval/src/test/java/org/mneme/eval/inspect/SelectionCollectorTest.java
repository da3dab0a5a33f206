// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.TextWindows;
import org.mneme.eval.TinyModels;
import org.mneme.eval.WindowBatch;
import org.mneme.eval.inspect.TopContexts.Candidate;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;

/** Selections made by hand on the texts "abcd" and "ab": rows of 5 and of 3, padded to 8. */
class SelectionCollectorTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();
  private static final TokenTexts TEXTS = new TokenTexts(CODEC);
  private static final int OTHER = 9;
  private static final int SEQUENCE = 8;

  private static LanguageModel model;

  private final int[] indices = new int[2 * SEQUENCE * 2 * 2];
  private final float[] weights = new float[indices.length];

  @BeforeAll
  static void open() {
    model = TinyModels.create(device, PublishedSystem.ORIGINAL);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private void select(int row, int position, int head, int slot, int entry, float weight) {
    int at = (((row * SEQUENCE) + position) * 2 + head) * 2 + slot;
    indices[at] = entry;
    weights[at] = weight;
  }

  private SelectionCollector collect(int contexts, Integer... entries) {
    InspectionConfig config = new InspectionConfig(2, contexts, 2, 0, 2);
    SelectionCollector collector = new SelectionCollector(16, List.of(entries), config);
    for (WindowBatch batch : new TextWindows(model, CODEC, List.of("abcd", "ab"), 2)) {
      assertThat(batch.tokens().sequence()).isEqualTo(SEQUENCE);
      collector.begin(batch);
      long positions = batch.tokens().ids().length;
      try (Tensor chosen = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions, 2, 2);
          Tensor weight = device.allocate(MemoryTag.WORKSPACE, DType.F32, positions, 2, 2)) {
        device.transfer().writeInts(indices, chosen);
        device.transfer().writeFloats(weights, weight);
        collector.selected(3, chosen, weight, weight, weight);
      }
    }
    return collector;
  }

  private static List<String> shown(List<Candidate> contexts) {
    return contexts.stream()
        .map(
            context ->
                TEXTS.passage(context.excerpt().before())
                    + "|"
                    + TEXTS.token(context.excerpt().token())
                    + "|"
                    + TEXTS.passage(context.excerpt().after())
                    + " "
                    + context.weight())
        .toList();
  }

  @Test
  void findsThePlacesOfTheEntriesAskedFor() {
    Arrays.fill(indices, OTHER);
    select(0, 3, 1, 0, 5, 0.5f);
    select(0, 1, 0, 1, 5, 0.75f);
    select(0, 0, 0, 0, 6, 0.25f);
    select(0, 4, 1, 1, 6, 0.125f);
    select(1, 3, 0, 0, 5, 1f);
    select(1, 4, 0, 0, 6, 1f);

    SelectionCollector collector = collect(4, 6, 5);

    assertThat(collector.positions()).isEqualTo(5 + 3);
    assertThat(collector.uses(0)).isEqualTo(2);
    assertThat(collector.firstUses(0)).isEqualTo(1);
    assertThat(collector.uses(1)).isEqualTo(2);
    assertThat(collector.firstUses(1)).isEqualTo(1);
    assertThat(shown(collector.contexts(0))).containsExactly("|‹begin›|ab 0.25", "bc|d| 0.125");
    assertThat(shown(collector.contexts(1))).containsExactly("|a|bc 0.75", "ab|c|d 0.5");
    Candidate last = collector.contexts(1).get(1);
    assertThat(last.layer()).isEqualTo(3);
    assertThat(last.head()).isEqualTo(1);
    assertThat(last.document()).isZero();
    assertThat(last.place()).isEqualTo(3);
  }

  @Test
  void tellsAPassageOnceWithItsLargestWeight() {
    Arrays.fill(indices, OTHER);
    select(0, 2, 0, 0, 5, 0.5f);
    select(0, 2, 1, 0, 5, 0.25f);
    select(1, 2, 1, 1, 5, 0.75f);

    SelectionCollector collector = collect(4, 5);

    assertThat(collector.uses(0)).isEqualTo(3);
    assertThat(shown(collector.contexts(0))).containsExactly("a|b| 0.75");
    assertThat(collector.contexts(0).get(0).document()).isEqualTo(1);
  }

  @Test
  void keepsTheWeightiestAndOfEqualsTheFirst() {
    Arrays.fill(indices, OTHER);
    select(0, 1, 0, 0, 5, 0.25f);
    select(0, 2, 0, 0, 5, 0.5f);
    select(0, 3, 0, 0, 5, 0.5f);
    select(0, 4, 0, 0, 5, 0.75f);

    assertThat(shown(collect(2, 5).contexts(0))).containsExactly("bc|d| 0.75", "a|b|cd 0.5");
    assertThat(collect(0, 5).contexts(0)).isEmpty();
    assertThat(collect(0, 5).uses(0)).isEqualTo(4);
  }
}
