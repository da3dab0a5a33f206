// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.autograd.Tape;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;

/** Decoding with a cache gives what a forward pass over the whole sequence gives. */
class DecoderTest extends OnDevice {
  @TestFactory
  Stream<DynamicTest> decodesLikeAForwardPass() {
    return TinyModels.all().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> compare(config)));
  }

  private static void compare(ModelConfig config) {
    int[] ids = Arrays.copyOf(TinyModels.ids(4), TinyModels.SEQUENCE);
    try (LanguageModel model = LanguageModel.create(device, config, 9);
        Decoder decoder = new Decoder(model)) {
      float[] whole = wholeLogits(model, ids);
      decoder.append(Arrays.copyOf(ids, 4));
      for (int t = 4; t < ids.length; t++) {
        float[] logits = decoder.append(ids[t]);
        for (int v = 0; v < logits.length; v++) {
          assertThat(logits[v]).isCloseTo(whole[t * TinyModels.VOCABULARY + v], offset(1e-5f));
        }
      }
      assertThat(decoder.length()).isEqualTo(ids.length);
    }
  }

  private static float[] wholeLogits(LanguageModel model, int[] ids) {
    try (Tape tape = Tape.notRecording(device);
        Tensor input = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, ids.length)) {
      device.transfer().writeInts(ids, input);
      LayerContext context = LayerContext.evaluation(tape, 1, ids.length, SelectionObserver.NONE);
      return device.transfer().readFloats(model.logits(tape, model.hidden(context, input)).value());
    }
  }

  @Test
  void refusesMoreTokensThanThereIsRoomFor() {
    try (LanguageModel model =
            LanguageModel.create(device, TinyModels.of(PublishedSystem.ORIGINAL), 9);
        Decoder decoder = new Decoder(model)) {
      decoder.append(new int[15]);
      assertThatThrownBy(() -> decoder.append(1, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("found 2")
          .hasMessageContaining("1 to 1");
      assertThatThrownBy(() -> decoder.append(TinyModels.VOCABULARY))
          .hasMessageContaining("tokens[0, 0] is 61, wanted 0 to 60");
    }
  }
}
