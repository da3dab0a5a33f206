// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.compute.Shape;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** The table rows of RMS norms. */
final class Norms {
  private Norms() {}

  static ParameterSpec parameter(String name, ModelConfig config) {
    return new ParameterSpec(
        name, Shape.of(config.dim()), ParameterGroup.NORM, Initializer.constant(1));
  }

  static String name(int layer, String norm) {
    return "layers." + layer + "." + norm + ".weight";
  }
}
