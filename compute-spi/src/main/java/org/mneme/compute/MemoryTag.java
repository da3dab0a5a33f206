// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/** What a tensor's storage is for; a device reports its memory by tag. */
public enum MemoryTag {
  /** Trainable weights and their low-precision copies. */
  WEIGHTS,
  /** Gradients of weights. */
  GRADIENTS,
  /** Moments of the optimiser. */
  OPTIMIZER,
  /** Values and gradients that live for one step. */
  ACTIVATIONS,
  /** Memory entries and the state of their update rules. */
  MEMORY_BANK,
  /** Scratch space of kernels. */
  WORKSPACE
}
