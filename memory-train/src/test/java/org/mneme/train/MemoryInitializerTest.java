// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.context.ContextMemory;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;

class MemoryInitializerTest extends TinyTest {
  private static RunConfig run(PublishedSystem system) {
    return tiny.run(tiny.model(system).build(), Tiny.train().batchSize(8).build());
  }

  private static void initialize(LanguageModel model, RunConfig run, MemoryInit init) {
    new MemoryInitializer(model, tiny.data(run), run.train()).initialize(init);
  }

  @Test
  void textGivesTheFirstTokensOfTheDocuments() {
    RunConfig run = run(PublishedSystem.EMA_TOKEN);
    try (LanguageModel model = tiny.create(run)) {
      initialize(model, run, MemoryInit.TEXT);
      TokenCodebook codebook = (TokenCodebook) model.memory().orElseThrow();
      int[] document = tiny.data(run).knowledge().tokens(3);
      assertThat(codebook.read(3)).isEqualTo(Arrays.copyOf(document, 4));
      assertThat(tiny.tokenizer.decode(codebook.read(3))).startsWith("The");
    }
  }

  @Test
  void kMeansGivesPhrasesOfTheDocuments() {
    RunConfig base = run(PublishedSystem.EMA_TOKEN);
    RunConfig run =
        new RunConfig(
            tiny.model(PublishedSystem.EMA_TOKEN).knowledgeNum(16).build(),
            base.train(),
            base.data());
    try (LanguageModel model = tiny.create(run)) {
      initialize(model, run, MemoryInit.KMEANS);
      TokenCodebook codebook = (TokenCodebook) model.memory().orElseThrow();
      for (int entry = 0; entry < 16; entry++) {
        assertThat(tiny.tokenizer.decode(codebook.read(entry))).startsWith("The");
      }
    }
  }

  @Test
  void kMeansGivesCentresOfGateQueries() {
    RunConfig run = run(PublishedSystem.EMA_VECTOR);
    try (LanguageModel model = tiny.create(run)) {
      float[] before = tiny.device.transfer().readFloats(model.memory().orElseThrow().bank());
      initialize(model, run, MemoryInit.KMEANS);
      float[] after = tiny.device.transfer().readFloats(model.memory().orElseThrow().bank());
      assertThat(after).isNotEqualTo(before).doesNotContain(Float.NaN);
      // Queries of an untrained model are small, the random entries are not.
      assertThat(meanSquare(after)).isLessThan(0.5 * meanSquare(before));
    }
  }

  private static double meanSquare(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum / values.length;
  }

  @Test
  void aMemoryOfContextsReadsTheKnowledge() throws IOException {
    RunConfig base = run(PublishedSystem.CONTEXT);
    Path file = Files.writeString(shared.resolve("facts.txt"), "The cat sees the owl.\n");
    DataConfig facts = base.data().toBuilder().knowledgeFile(file.toString()).build();
    RunConfig run = new RunConfig(base.model(), base.train(), facts);
    try (LanguageModel model = tiny.create(run)) {
      initialize(model, run, MemoryInit.TEXT);
      ContextMemory contexts = model.contexts().orElseThrow();
      assertThat(contexts.filled()).isPositive();
      TokenCodebook codebook = (TokenCodebook) model.memory().orElseThrow();
      int[] votes = tiny.device.transfer().readInts(contexts.votes());
      List<Integer> fact =
          new ArrayList<>(Ints.asList(tiny.tokenizer.encode("The cat sees the owl.")));
      fact.add(tiny.tokenizer.endId());
      for (int entry = 0; entry < votes.length; entry++) {
        if (votes[entry] > 0) {
          assertThat(Collections.indexOfSubList(fact, Ints.asList(codebook.read(entry))))
              .as("entry %s is a piece of the fact", entry)
              .isNotNegative();
        }
      }
    }
  }

  @Test
  void aMemoryOfContextsDoesNotReadWhatItIsTrainedOn() {
    RunConfig run = run(PublishedSystem.CONTEXT);
    try (LanguageModel model = tiny.create(run)) {
      assertThatThrownBy(() -> initialize(model, run, MemoryInit.TEXT))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("memory_init is text without a data.knowledge_file");
      assertThatThrownBy(() -> initialize(model, run, MemoryInit.KMEANS))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("memory_init is kmeans");
    }
  }

  @Test
  void textForVectorsIsRefused() {
    RunConfig run = run(PublishedSystem.GATED_MLP);
    try (LanguageModel model = tiny.create(run)) {
      assertThatThrownBy(() -> initialize(model, run, MemoryInit.TEXT))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("memory_init is text, expected random");
    }
  }

  @Test
  void kMeansForValuesOfAnotherWidthIsRefused() {
    RunConfig run = run(PublishedSystem.BESIDE);
    try (LanguageModel model = tiny.create(run)) {
      assertThatThrownBy(() -> initialize(model, run, MemoryInit.KMEANS))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("width 32")
          .hasMessageContaining("width 16");
    }
  }
}
