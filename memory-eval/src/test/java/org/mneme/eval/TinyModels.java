// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.LanguageModel;
import org.mneme.model.autograd.Tape;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** Models of a few thousand parameters over the bytes of {@link ByteCodec}. */
public final class TinyModels {
  public static final int MAX_SEQ_LEN = 24;

  private static final Set<ParameterGroup> MATRICES =
      EnumSet.of(ParameterGroup.EMBEDDING, ParameterGroup.MATRIX, ParameterGroup.MEMORY_GATE);

  private TinyModels() {}

  public static ModelConfigBuilder config(PublishedSystem system) {
    ModelConfigBuilder builder =
        ModelConfig.builder()
            .vocabSize(ByteCodec.VOCABULARY)
            .dim(16)
            .nLayers(2)
            .nHeads(4)
            .nKvHeads(2)
            .hiddenDim(32)
            .maxSeqLen(MAX_SEQ_LEN);
    return system.apply(builder).knowledgeNum(64).knowledgeLength(3).knowledgeDim(8).numSelected(3);
  }

  public static LanguageModel create(Device device, PublishedSystem system) {
    return create(device, config(system).build());
  }

  /**
   * A model with weights so large that what it predicts depends on the whole text; at first values
   * it would repeat the last token for ever, since embeddings and outputs are tied.
   */
  public static LanguageModel create(Device device, ModelConfig config) {
    LanguageModel model = LanguageModel.create(device, config, 5);
    for (ParameterSpec spec : model.parameters().table().specs()) {
      if (MATRICES.contains(spec.group())) {
        device
            .random()
            .normal(model.parameters().master(spec.name()), 0, 0.5f, spec.name().hashCode());
      }
    }
    return model;
  }

  /** The logits of every position of one sequence, by one forward pass without a cache. */
  public static float[][] logits(LanguageModel model, int[] ids) {
    Device device = model.device();
    int vocabulary = model.config().vocabSize();
    try (Tensor input = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, ids.length);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(ids, input);
      LayerContext context = LayerContext.evaluation(tape, 1, ids.length, SelectionObserver.NONE);
      float[] flat =
          device.transfer().readFloats(model.logits(tape, model.hidden(context, input)).value());
      float[][] rows = new float[ids.length][vocabulary];
      for (int t = 0; t < ids.length; t++) {
        System.arraycopy(flat, t * vocabulary, rows[t], 0, vocabulary);
      }
      return rows;
    }
  }

  /** A selection of one slot. */
  public record Selected(int layer, int position, int head, int slot, int entry, float weight) {}

  /** All that the memory layers select on one sequence. */
  public static List<Selected> selections(LanguageModel model, int[] ids) {
    Device device = model.device();
    List<Selected> all = new ArrayList<>();
    SelectionObserver observer =
        (layer, indices, weights, query, keyQuery) -> {
          int[] chosen = device.transfer().readInts(indices);
          float[] weight = device.transfer().readFloats(weights);
          int heads = (int) indices.shape().extent(1);
          int slots = (int) indices.shape().extent(2);
          for (int i = 0; i < chosen.length; i++) {
            int position = i / (heads * slots);
            int head = i / slots % heads;
            all.add(new Selected(layer, position, head, i % slots, chosen[i], weight[i]));
          }
        };
    try (Tensor input = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, ids.length);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(ids, input);
      model.hidden(LayerContext.evaluation(tape, 1, ids.length, observer), input);
    }
    return all;
  }

  /** Begin, bytes, end. */
  public static int[] wrap(String text) {
    int[] ids = new ByteCodec().encode(text);
    int[] wrapped = new int[ids.length + 2];
    wrapped[0] = 1;
    System.arraycopy(ids, 0, wrapped, 1, ids.length);
    wrapped[wrapped.length - 1] = 2;
    return wrapped;
  }

  /** The inputs of the windows of a text, each of at most {@link #MAX_SEQ_LEN} tokens. */
  public static List<int[]> windows(String text) {
    int[] tokens = wrap(text);
    List<int[]> windows = new ArrayList<>();
    for (int from = 0; from < tokens.length - 1; from += MAX_SEQ_LEN) {
      int to = Math.min(tokens.length - 1, from + MAX_SEQ_LEN);
      windows.add(Arrays.copyOfRange(tokens, from, to));
    }
    return windows;
  }
}
