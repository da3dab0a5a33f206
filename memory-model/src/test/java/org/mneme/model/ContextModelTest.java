// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.SelectionObserver;

/** A model whose memory has read. */
class ContextModelTest extends OnDevice {
  private static final ModelConfig CONFIG = TinyModels.of(PublishedSystem.CONTEXT);

  private static LanguageModel wellRead(long seed) {
    LanguageModel model = LanguageModel.create(device, CONFIG, seed);
    try (TrainingPass pass = new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f)) {
      pass.load(TinyModels.ids(4), TinyModels.targets(5));
      TinyModels.read(model, pass);
    }
    return model;
  }

  private static float[] losses(LanguageModel model, SelectionObserver observer) {
    return new TokenLosses(model, observer)
        .of(TinyModels.ids(4), TinyModels.targets(5), TinyModels.BATCH, TinyModels.SEQUENCE);
  }

  @Test
  void whatWasReadMatters() {
    try (LanguageModel empty = LanguageModel.create(device, CONFIG, 9);
        LanguageModel read = wellRead(9)) {
      assertThat(losses(read, SelectionObserver.NONE))
          .isNotEqualTo(losses(empty, SelectionObserver.NONE));
      assertThat(losses(read, new ZeroReads()))
          .as("without reads")
          .isEqualTo(losses(empty, SelectionObserver.NONE));
    }
  }

  @Test
  void decodesLikeAForwardPassAfterReading() {
    int[] ids = Arrays.copyOf(TinyModels.ids(4), TinyModels.SEQUENCE);
    int[] targets = new int[ids.length];
    try (LanguageModel model = wellRead(9);
        Decoder decoder = new Decoder(model)) {
      float[] logits = decoder.append(Arrays.copyOf(ids, 4));
      for (int t = 3; t < ids.length - 1; t++) {
        Arrays.fill(targets, TrainingPass.MASKED);
        targets[t] = ids[t + 1];
        float[] losses =
            new TokenLosses(model, SelectionObserver.NONE).of(ids, targets, 1, ids.length);
        assertThat(losses[t]).isCloseTo((float) crossEntropy(logits, ids[t + 1]), offset(1e-5f));
        logits = decoder.append(ids[t + 1]);
      }
    }
  }

  @Test
  void decodesWithTheEntriesOfTheWholeText() {
    ModelConfig config =
        CONFIG.toBuilder().contextLengths(List.of(1, 4, 9)).knowledgeNum(4096).build();
    int[] ids = new int[config.maxSeqLen()];
    Arrays.setAll(ids, t -> t % 5);
    try (LanguageModel model = LanguageModel.create(device, config, 9)) {
      read(model, ids);
      List<Integer> whole = new ArrayList<>();
      try (Decoder decoder = new Decoder(model, entriesOfLayer0(whole))) {
        decoder.append(ids);
      }
      assertThat(whole.subList(3 * 12, 3 * ids.length))
          .as("all contexts are found")
          .isNotEmpty()
          .allMatch(entry -> entry >= 0);
      List<Integer> pieces = new ArrayList<>();
      try (Decoder decoder = new Decoder(model, entriesOfLayer0(pieces))) {
        int[] ends = {2, 3, 4, 7, 8, 12, 13, 14, 15, ids.length};
        for (int i = 0, from = 0; i < ends.length; from = ends[i++]) {
          decoder.append(Arrays.copyOfRange(ids, from, ends[i]));
        }
      }
      assertThat(pieces).isEqualTo(whole);
    }
  }

  private static void read(LanguageModel model, int[] ids) {
    try (Tensor text = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, ids.length)) {
      device.transfer().writeInts(ids, text);
      model.contexts().orElseThrow().remember(text, null, -1);
    }
  }

  private static SelectionObserver entriesOfLayer0(List<Integer> entries) {
    return (layer, indices, weights, query, keys) -> {
      if (layer == 0) {
        IntStream.of(device.transfer().readInts(indices)).forEach(entries::add);
      }
    };
  }

  /** Once it scaled the whole vocabulary for each token. */
  @Test
  void scalesTheEmbeddingsOncePerText() {
    try (LanguageModel model = wellRead(9);
        Decoder decoder = new Decoder(model)) {
      long first = norms(() -> decoder.append(1));
      assertThat(norms(() -> decoder.append(2))).isEqualTo(first - 1);
      assertThat(norms(() -> decoder.append(3))).isEqualTo(first - 1);
    }
  }

  private static long norms(Runnable work) {
    return device.profile(work).spans().stream()
        .filter(span -> span.name().equals("rms_norm"))
        .count();
  }

  private static double crossEntropy(float[] logits, int target) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return Math.log(sum) - logits[target];
  }

  @Test
  void aCheckpointKeepsWhatWasRead(@TempDir Path folder) throws IOException {
    try (LanguageModel model = wellRead(9)) {
      model.save(folder);
      try (LanguageModel loaded = LanguageModel.load(device, folder)) {
        assertThat(losses(loaded, SelectionObserver.NONE))
            .isEqualTo(losses(model, SelectionObserver.NONE));
        assertThat(loaded.contexts().orElseThrow().filled()).isPositive();
      }
    }
  }

  /** No token twice, so that a context occurs at one place only. */
  private static int[] distinct() {
    return IntStream.range(0, TinyModels.BATCH * TinyModels.SEQUENCE)
        .map(i -> i % TinyModels.VOCABULARY)
        .toArray();
  }

  private static float loss(LanguageModel model, TrainingPass pass, boolean located) {
    int[] ids = distinct();
    pass.resetLosses();
    pass.load(ids, ids);
    if (located) {
      pass.locate(IntStream.rangeClosed(1, ids.length).toArray());
    }
    pass.run(false);
    model.contexts().orElseThrow().remember(pass.inputIds(), pass.sources().orElseThrow(), -1);
    return device.transfer().readFloats(pass.crossEntropy())[0];
  }

  @Test
  void textThatIsReadAgainDoesNotFindItself() {
    assertThat(TinyModels.VOCABULARY)
        .isGreaterThanOrEqualTo(TinyModels.BATCH * TinyModels.SEQUENCE);
    try (LanguageModel model = LanguageModel.create(device, CONFIG, 9);
        TrainingPass pass = new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f)) {
      float first = loss(model, pass, true);
      assertThat(loss(model, pass, true)).isEqualTo(first);
      assertThat(loss(model, pass, false)).as("not known where").isNotEqualTo(first);
      assertThatThrownBy(() -> pass.locate(new int[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("found 3");
    }
  }

  /** Memory reads as zeros. */
  private static final class ZeroReads implements SelectionObserver {
    @Override
    public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keys) {}

    @Override
    public boolean observesReads() {
      return true;
    }

    @Override
    public void read(int layer, Tensor reads) {
      device.transfer().fill(reads, 0);
    }
  }
}
