// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/** The type of a tensor's elements. */
public enum DType {
  /** IEEE 754 single precision. */
  F32(4, true),
  /** bfloat16: the upper half of an {@link #F32}. */
  BF16(2, true),
  /** Signed 32-bit integer: token ids, indices, counts. */
  I32(4, false);

  private final int byteCount;
  private final boolean floating;

  DType(int byteCount, boolean floating) {
    this.byteCount = byteCount;
    this.floating = floating;
  }

  /** Bytes of one element. */
  public int byteCount() {
    return byteCount;
  }

  /** Whether elements are floating-point numbers. */
  public boolean isFloating() {
    return floating;
  }
}
