// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.model.LanguageModel;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** Finds the tensors of a model that are no longer finite. */
final class FiniteGuard {
  private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,9})\\.");

  private final LanguageModel model;

  FiniteGuard(LanguageModel model) {
    this.model = model;
  }

  /** Whether all weights, entries and running statistics are finite; one pass over them. */
  boolean weightsAreFinite() {
    return isFinite(model.parameters().values())
        && badEntries().isEmpty()
        && badBuffers().isEmpty();
  }

  /**
   * What is not finite, for a message: weights first, since they spoil all that follows; then
   * gradients, from the loss backwards, since each is made of those behind it.
   */
  String describe() {
    List<String> weights = bad("weights", specs(), Parameter::master);
    weights.addAll(badEntries());
    weights.addAll(badBuffers());
    if (!weights.isEmpty()) {
      return firstOf(weights);
    }
    List<String> gradients = badGradients();
    return gradients.isEmpty() ? "all weights and gradients are finite" : firstOf(gradients);
  }

  private static String firstOf(List<String> bad) {
    return "the first tensor that is not finite is the " + bad.get(0) + " (of " + bad.size() + ")";
  }

  private List<ParameterSpec> specs() {
    return model.parameters().table().specs();
  }

  private List<String> badGradients() {
    List<ParameterSpec> backwards = new ArrayList<>(specs());
    backwards.sort(Comparator.comparingInt(FiniteGuard::depth).reversed());
    return bad("gradient", backwards, parameter -> parameter.gradient().orElseThrow());
  }

  /** How near to the loss a parameter is; those of no layer but the last norm are everywhere. */
  private static int depth(ParameterSpec spec) {
    Matcher layer = LAYER.matcher(spec.name());
    if (layer.lookingAt()) {
      return Integer.parseInt(layer.group(1));
    }
    return spec.group() == ParameterGroup.NORM ? Integer.MAX_VALUE : -1;
  }

  private List<String> bad(
      String kind, List<ParameterSpec> specs, Function<Parameter, Tensor> tensor) {
    List<String> bad = new ArrayList<>();
    for (ParameterSpec spec : specs) {
      if (!isFinite(tensor.apply(model.parameters().parameter(spec.name())))) {
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

  private List<String> badBuffers() {
    return model.buffers().tensors().entrySet().stream()
        .filter(buffer -> !isFinite(buffer.getValue()))
        .map(buffer -> "running statistics '" + buffer.getKey() + "'")
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
