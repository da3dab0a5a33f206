// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.VectorCodebook;
import org.mneme.model.LanguageModel;

/**
 * The tokens nearest to a vector by inner product with their embeddings: those that it would make
 * the most likely if it stood before the output matrix.
 */
public final class NearestTokens {
  private final LanguageModel model;
  private final int count;

  /** The {@code count} nearest tokens of a model. */
  public NearestTokens(LanguageModel model, int count) {
    this.model = model;
    this.count = count;
  }

  /** Ids, nearest first, ties by id; none if vector and model are not of one width. */
  public List<Integer> of(VectorCodebook memory, int entry) {
    if (memory.width() != model.config().dim() || count == 0) {
      return List.of();
    }
    float[] products = products(memory, entry);
    return IntStream.range(0, products.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(id -> products[id]).reversed())
        .limit(count)
        .toList();
  }

  private float[] products(VectorCodebook memory, int entry) {
    Device device = model.device();
    DType type = model.computeType();
    try (Tensor row = memory.bank().rows(entry, entry + 1L);
        Tensor vector = device.allocate(MemoryTag.WORKSPACE, type, 1, memory.width());
        Tensor out = device.allocate(MemoryTag.WORKSPACE, type, 1, model.config().vocabSize());
        Tensor floats =
            device.allocate(MemoryTag.WORKSPACE, DType.F32, 1, model.config().vocabSize())) {
      device.transfer().copy(row, vector);
      device.matrix().linear(vector, model.embeddings().value(), out);
      device.transfer().copy(out, floats);
      return device.transfer().readFloats(floats);
    }
  }
}
