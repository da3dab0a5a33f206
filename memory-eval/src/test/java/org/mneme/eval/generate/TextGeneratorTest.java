// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.TinyModels;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;

class TextGeneratorTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();

  private static LanguageModel model;

  @BeforeAll
  static void open() {
    model = TinyModels.create(device, PublishedSystem.EMA_TOKEN);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static SamplingConfig.Builder unstopped(int maxTokens) {
    return SamplingConfig.builder().stopAtEnd(false).maxTokens(maxTokens);
  }

  private static Generation generate(String prompt, SamplingConfig config) {
    return new TextGenerator(model, CODEC).generate(prompt, config);
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void greedyIsTheArgmaxOfWholeForwardPasses(PublishedSystem system) {
    try (LanguageModel each = TinyModels.create(device, system)) {
      Generation generation =
          new TextGenerator(each, CODEC).generate("the cat", unstopped(8).temperature(0).build());

      int[] ids = TinyModels.wrap("the cat");
      ids = Arrays.copyOf(ids, ids.length - 1);
      for (int token : generation.tokens()) {
        float[] last = TinyModels.logits(each, ids)[ids.length - 1];
        assertThat(token).isEqualTo(argmax(last));
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = token;
      }
      assertThat(generation.tokens()).hasSize(8);
      assertThat(Set.copyOf(generation.tokens())).hasSizeGreaterThan(2);
      assertThat(generation.stopReason()).isEqualTo(StopReason.MAX_TOKENS);
    }
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  @Test
  void seedsDecide() {
    SamplingConfig config = unstopped(12).temperature(1.5).topK(50).seed(3).build();

    assertThat(generate("a", config)).isEqualTo(generate("a", config));
    assertThat(generate("a", config).tokens())
        .isNotEqualTo(generate("a", config.toBuilder().seed(4).build()).tokens());
  }

  @Test
  void stopsAtTheEndTokenUnlessToldNotTo() {
    SamplingConfig config = unstopped(12).temperature(2).seed(11).build();
    List<Integer> free = generate("ab", config).tokens();
    int end = free.get(5);
    int expected = free.indexOf(end);
    TextGenerator ending = new TextGenerator(model, new ByteCodec(end));

    Generation stopped = ending.generate("ab", config.toBuilder().stopAtEnd(true).build());

    assertThat(stopped.tokens()).isEqualTo(free.subList(0, expected));
    assertThat(stopped.stopReason()).isEqualTo(StopReason.END_TOKEN);
    assertThat(ending.generate("ab", config).tokens()).isEqualTo(free);
  }

  @Test
  void fillsTheLongestSequenceAtMost() {
    Generation generation = generate("abc", unstopped(1000).seed(2).build());

    // Begin token and three characters are there already.
    assertThat(generation.tokens()).hasSize(TinyModels.MAX_SEQ_LEN - 4);
    assertThat(generation.stopReason()).isEqualTo(StopReason.MAX_SEQUENCE);
    String longest = "x".repeat(TinyModels.MAX_SEQ_LEN - 2);
    assertThat(generate(longest, unstopped(9).build()).tokens()).hasSize(1);
  }

  @Test
  void refusesAPromptThatLeavesNoRoom() {
    String prompt = "x".repeat(TinyModels.MAX_SEQ_LEN - 1);

    assertThatThrownBy(() -> generate(prompt, SamplingConfig.greedy(1)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is too long: expected at most 22 tokens")
        .hasMessageContaining("max_seq_len of 24");
  }

  @Test
  void tellsEachTokenAndItsText() {
    List<Integer> tokens = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    Generation generation =
        new TextGenerator(model, CODEC)
            .generate(
                "",
                unstopped(20).temperature(3).seed(8).build(),
                (token, piece) -> {
                  if (token >= 0) {
                    tokens.add(token);
                  }
                  text.append(piece);
                });

    assertThat(tokens).isEqualTo(generation.tokens()).hasSize(20);
    assertThat(text).hasToString(generation.text());
    int[] ids = tokens.stream().mapToInt(Integer::intValue).toArray();
    assertThat(generation.text()).isEqualTo(CODEC.decode(ids));
    assertThat(generation.reported().text()).isEqualTo(generation.text());
  }

  @Test
  void refusesATokenizerThatIsLargerThanTheModel() {
    try (LanguageModel small =
        LanguageModel.create(
            device, TinyModels.config(PublishedSystem.ORIGINAL).vocabSize(100).build(), 1)) {
      assertThatThrownBy(() -> new TextGenerator(small, CODEC))
          .isInstanceOf(UserException.class)
          .hasMessage("the tokenizer has 259 tokens, expected at most 100, the model's vocab_size");
    }
  }

  @Test
  void neverChoosesIdsThatTheTokenizerDoesNotKnow() {
    try (LanguageModel large =
        TinyModels.create(
            device, TinyModels.config(PublishedSystem.ORIGINAL).vocabSize(5000).build())) {
      Generation generation =
          new TextGenerator(large, CODEC)
              .generate("a", unstopped(20).temperature(5).seed(1).build());

      assertThat(generation.tokens()).allMatch(id -> id < ByteCodec.VOCABULARY);
    }
  }
}
