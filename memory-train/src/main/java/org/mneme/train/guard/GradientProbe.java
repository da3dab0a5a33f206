// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.model.LanguageModel;

/** Finds the tensors of which the last gradient is 0. */
final class GradientProbe {
  private final LanguageModel model;

  GradientProbe(LanguageModel model) {
    this.model = model;
  }

  /** Those of these tensors whose gradient is 0 everywhere; one pass, and one read for all. */
  List<String> without(List<String> tensors) {
    if (tensors.isEmpty()) {
      return List.of();
    }
    float[] squares = squares(tensors);
    List<String> without = new ArrayList<>();
    for (int i = 0; i < squares.length; i++) {
      if (squares[i] == 0) {
        without.add(tensors.get(i));
      }
    }
    return without;
  }

  private float[] squares(List<String> tensors) {
    Device device = model.device();
    try (Tensor sums = device.allocate(MemoryTag.WORKSPACE, DType.F32, tensors.size())) {
      for (int i = 0; i < tensors.size(); i++) {
        Tensor gradient = model.parameters().parameter(tensors.get(i)).gradient().orElseThrow();
        device.optimizer().sumOfSquares(gradient, Accumulation.REPLACE, sums.rows(i, i + 1L));
      }
      return device.transfer().readFloats(sums);
    }
  }
}
