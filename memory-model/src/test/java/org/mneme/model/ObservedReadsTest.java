// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;

/**
 * In training, reads are concatenated without being held, unless observed: with the same result, up
 * to the order of sums.
 */
class ObservedReadsTest {
  @TestFactory
  Stream<DynamicTest> observingReadsChangesNothing() {
    return TinyModels.all().stream()
        .filter(config -> config.hasMemory() && config.memoryFusion() == MemoryFusion.GATED_MLP)
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> compare(config)));
  }

  private static void compare(ModelConfig config) {
    try (Device device = Devices.open()) {
      Reads reads = new Reads();
      List<float[]> observed = train(device, config, reads);
      List<float[]> unobserved = train(device, config, SelectionObserver.NONE);
      for (int i = 0; i < observed.size(); i++) {
        assertThat(unobserved.get(i)).containsExactly(observed.get(i), rounding(observed.get(i)));
      }
      assertThat(reads.layers).isEqualTo(config.layersWithMemory());
    }
  }

  /** Of F32 sums of a few hundred terms, in units of the largest element. */
  private static Offset<Float> rounding(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return within(1e-6f * largest);
  }

  /** The last hidden states and all gradients of their sum. */
  private static List<float[]> train(
      Device device, ModelConfig config, SelectionObserver observer) {
    try (LanguageModel model = LanguageModel.create(device, config, 3);
        Tensor ids =
            device.allocate(
                MemoryTag.ACTIVATIONS, DType.I32, TinyModels.BATCH, TinyModels.SEQUENCE);
        Tape tape = Tape.recording(device)) {
      device.transfer().writeInts(TinyModels.ids(5), ids);
      device.transfer().fill(model.parameters().gradients(), 0);
      Var hidden = model.hidden(context(tape, observer), ids);
      float[] states = device.transfer().readFloats(hidden.value());
      hidden.accumulate((mode, gradient) -> device.transfer().fill(gradient, 1));
      tape.backward();
      return List.of(states, device.transfer().readFloats(model.parameters().gradients()));
    }
  }

  private static LayerContext context(Tape tape, SelectionObserver observer) {
    return new LayerContext(
        tape,
        TinyModels.BATCH,
        TinyModels.SEQUENCE,
        true,
        Optional.empty(),
        1f,
        observer,
        Optional.empty());
  }

  private static final class Reads implements SelectionObserver {
    private final List<Integer> layers = new ArrayList<>();

    @Override
    public void selected(
        int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {}

    @Override
    public boolean observesReads() {
      return true;
    }

    @Override
    public void read(int layer, Tensor reads) {
      layers.add(layer);
    }
  }
}
