// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.model.LanguageModel;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterSpec;

/** Finds the tensors of a model that are no longer finite. */
final class FiniteGuard {
  private final LanguageModel model;

  FiniteGuard(LanguageModel model) {
    this.model = model;
  }

  /** Whether all weights and entries are finite; one pass over them. */
  boolean weightsAreFinite() {
    return isFinite(model.parameters().values()) && badEntries().isEmpty();
  }

  /** What is not finite, for a message: weights first, since they spoil all that follows. */
  String describe() {
    List<String> weights = bad("weights", Parameter::master);
    weights.addAll(badEntries());
    if (!weights.isEmpty()) {
      return firstOf(weights);
    }
    List<String> gradients = bad("gradient", parameter -> parameter.gradient().orElseThrow());
    return gradients.isEmpty() ? "all weights and gradients are finite" : firstOf(gradients);
  }

  private static String firstOf(List<String> bad) {
    return "the first tensor that is not finite is the " + bad.get(0) + " (of " + bad.size() + ")";
  }

  private List<String> bad(String kind, Function<Parameter, Tensor> tensor) {
    ParameterArena arena = model.parameters();
    List<String> bad = new ArrayList<>();
    for (ParameterSpec spec : arena.table().specs()) {
      if (!isFinite(tensor.apply(arena.parameter(spec.name())))) {
        bad.add(kind + " of '" + spec.name() + "'");
      }
    }
    return bad;
  }

  private List<String> badEntries() {
    return model.memory().stream()
        .filter(memory -> memory.bank().dtype() == DType.F32 && !isFinite(memory.bank()))
        .map(memory -> "entries of '" + MemoryEntries.NAME + "'")
        .toList();
  }

  private boolean isFinite(Tensor tensor) {
    Device device = model.device();
    try (Tensor sum = device.allocate(MemoryTag.WORKSPACE, DType.F32, 1)) {
      device.optimizer().sumOfSquares(tensor, Accumulation.REPLACE, sum);
      return Float.isFinite(device.transfer().readFloats(sum)[0]);
    }
  }
}
