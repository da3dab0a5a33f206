// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

/** How an operation writes an output that may already hold a partial sum. */
public enum Accumulation {
  /** The output is overwritten. */
  REPLACE,
  /** The result is added to the output. */
  ADD;

  /** The factor of the output's old contents: 0 or 1. */
  public float beta() {
    return this == ADD ? 1f : 0f;
  }
}
