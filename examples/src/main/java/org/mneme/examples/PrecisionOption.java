// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import org.mneme.compute.DType;
import org.mneme.model.ModelOptions;
import picocli.CommandLine.Option;

/** The option that chooses the type with which a model computes. */
public final class PrecisionOption {
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type to compute with, f32 or bf16 (on devices that have it).",
      converter = FloatingType.class)
  private DType type = DType.F32;

  /** The type. */
  public DType type() {
    return type;
  }

  /** How a model is opened for evaluation. */
  public ModelOptions evaluation() {
    return ModelOptions.evaluation().withComputeType(type);
  }
}
