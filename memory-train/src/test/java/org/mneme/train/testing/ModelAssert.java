// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.model.LanguageModel;
import org.mneme.model.TrainingPass;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.train.data.Batch;

/** Assertions about a model. They leave it as it was, but for its gradients. */
public final class ModelAssert extends AbstractAssert<ModelAssert, LanguageModel> {
  private Tolerance tolerance;

  ModelAssert(LanguageModel model) {
    super(model, ModelAssert.class);
  }

  /** Compares with another tolerance than the usual one of the model's dtype. */
  public ModelAssert within(Tolerance value) {
    tolerance = value;
    return this;
  }

  /**
   * The logits of these sequences are those of a file. Without the file this fails; with {@code
   * -Dmneme.golden.update=true} the file is made, or written anew if it does not fit.
   *
   * @param golden a safetensors file, to be kept with the test
   * @param sequences of token ids, each of 1 to max_seq_len
   */
  public ModelAssert hasLogits(Path golden, int[]... sequences) {
    isNotNull();
    if (sequences.length == 0) {
      throw new IllegalArgumentException("sequences: found none, wanted at least one");
    }
    Tolerance chosen = tolerance == null ? Tolerance.of(actual.computeType()) : tolerance;
    Optional<String> fault = new GoldenLogits(golden, actual, chosen, List.of(sequences)).check();
    fault.ifPresent(text -> failWithMessage("%s", text));
    return this;
  }

  /**
   * Every trainable tensor has a gradient that is finite and not 0 throughout: that of the last
   * step, say.
   */
  public ModelAssert hasGradients() {
    isNotNull();
    List<String> without = new ArrayList<>();
    List<String> notFinite = new ArrayList<>();
    for (ParameterSpec spec : actual.parameters().table().specs()) {
      double largest = largest(gradient(spec));
      if (!Double.isFinite(largest)) {
        notFinite.add(spec.name());
      } else if (largest == 0) {
        without.add(spec.name());
      }
    }
    if (!without.isEmpty() || !notFinite.isEmpty()) {
      failWithMessage(
          "expected a gradient of every trainable tensor; without one: %s; not finite: %s",
          without, notFinite);
    }
    return this;
  }

  private Tensor gradient(ParameterSpec spec) {
    return actual.parameters().parameter(spec.name()).gradient().orElseThrow();
  }

  /** The largest magnitude; NaN if any value is. */
  private static double largest(Tensor tensor) {
    double largest = 0;
    for (float value : tensor.device().transfer().readFloats(tensor)) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * A forward and a backward pass over a batch give every trainable tensor a gradient. Gradients
   * are 0 afterwards; running statistics are as before.
   */
  public ModelAssert givesGradientsOf(Batch batch) {
    isNotNull();
    Device device = actual.device();
    Map<Tensor, float[]> statistics = new LinkedHashMap<>();
    TransferKernels transfer = device.transfer();
    for (Tensor buffer : actual.buffers().tensors().values()) {
      statistics.put(buffer, transfer.readFloats(buffer));
    }
    transfer.fill(actual.parameters().gradients(), 0);
    try (TrainingPass pass = new TrainingPass(actual, batch.batch(), batch.sequence(), 1f)) {
      pass.load(batch.inputIds(), batch.targets());
      pass.run(false);
      return hasGradients();
    } finally {
      transfer.fill(actual.parameters().gradients(), 0);
      statistics.forEach((buffer, values) -> transfer.writeFloats(values, buffer));
    }
  }
}
