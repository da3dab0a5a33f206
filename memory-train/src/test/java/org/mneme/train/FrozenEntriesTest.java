// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.ema.EmaRule;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;

/** The first entries stay what they were, whatever moves the others. */
class FrozenEntriesTest extends TinyTest {
  private static final int ENTRIES = 64;
  private static final int FROZEN = 16;

  private static TrainConfig train(MemoryInit init, RevivalSource revival) {
    return Tiny.train()
        .maxSteps(5)
        .memoryInit(init)
        .revivalUnusedUpdates(1)
        .revivalMaxShare(1)
        .revivalSource(revival)
        .build();
  }

  private static ModelConfig model(PublishedSystem system, EmaRule rule) {
    return tiny.model(system)
        .emaRule(rule)
        .emaDecay(0.1)
        .emaUpdateFreq(1)
        .freezeRatio((double) FROZEN / ENTRIES)
        .build();
  }

  @ParameterizedTest
  @CsvSource({"PUBLISHED, USED", "SHADOW, PHRASES", "EPISODIC, USED"})
  void areTheFirstSentencesOfTheKnowledge(EmaRule rule, RevivalSource revival) throws IOException {
    RunConfig base =
        tiny.run(model(PublishedSystem.EMA_TOKEN, rule), train(MemoryInit.TEXT, revival));
    RunConfig run =
        new RunConfig(
            base.model(), base.train(), base.data().toBuilder().knowledgeFile(knowledge()).build());
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, folder.resolve("run")).train();
      TokenCodebook memory = (TokenCodebook) model.memory().orElseThrow();
      int changed = 0;
      for (int entry = 0; entry < ENTRIES; entry++) {
        int[] sentence = tiny.tokenizer.encode(sentence(entry));
        int[] first = IntStream.range(0, 4).map(k -> sentence[k % sentence.length]).toArray();
        if (entry < FROZEN) {
          assertThat(memory.read(entry)).as("entry %s", entry).isEqualTo(first);
        }
        changed += Arrays.equals(memory.read(entry), first) ? 0 : 1;
      }
      assertThat(changed).as("unfrozen entries that moved").isGreaterThan(5);
    }
  }

  private static String sentence(int number) {
    return "Fact " + number + " of many.";
  }

  private String knowledge() throws IOException {
    String json =
        IntStream.range(0, ENTRIES)
            .mapToObj(i -> "{\"target\": [{\"sentence\": \"" + sentence(i) + "\"}]}")
            .collect(Collectors.joining(",\n", "[", "]"));
    return Files.writeString(folder.resolve("knowledge.json"), json).toString();
  }

  @ParameterizedTest
  @CsvSource({"PUBLISHED, FEATURES", "COUNT, USED"})
  void areTheFirstVectors(EmaRule rule, RevivalSource revival) {
    RunConfig run =
        tiny.run(model(PublishedSystem.EMA_VECTOR, rule), train(MemoryInit.RANDOM, revival));
    try (LanguageModel model = tiny.create(run)) {
      Tensor bank = model.memory().orElseThrow().bank();
      float[] before = tiny.device.transfer().readFloats(bank);
      tiny.trainer(model, run, folder.resolve("run")).train();
      float[] after = tiny.device.transfer().readFloats(bank);
      int frozen = FROZEN * model.memory().orElseThrow().width();
      assertThat(Arrays.copyOf(after, frozen)).isEqualTo(Arrays.copyOf(before, frozen));
      assertThat(Arrays.copyOfRange(after, frozen, after.length))
          .isNotEqualTo(Arrays.copyOfRange(before, frozen, before.length));
    }
  }
}
