// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.NeuralFunctions.Residual;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.parameters.Parameter;

/**
 * The residual stream between blocks: {@code residual + branch}, whose sum is left to the norm that
 * follows, so that both are one pass.
 *
 * @param residual [N, d]
 * @param branch [N, d], or null for none; nobody else reads its value
 */
public record Stream(Var residual, Var branch) {
  /** The sum, and its norm. */
  Residual normed(Tape tape, Parameter weight, float eps) {
    if (branch == null) {
      return new Residual(residual, NeuralFunctions.rmsNorm(tape, residual, weight, eps));
    }
    Residual sum = NeuralFunctions.addRmsNorm(tape, residual, branch, weight, eps);
    branch.discardValue();
    return sum;
  }
}
