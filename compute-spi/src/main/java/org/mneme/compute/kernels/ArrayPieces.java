// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/**
 * Cuts a copy of an array into pieces: the bytes of an array of 2²⁹ elements would not fit into one
 * buffer, and a few pieces need less memory than a second copy of the whole.
 */
final class ArrayPieces {
  /** Elements of a piece. */
  static final int ELEMENTS = 1 << 22;

  private ArrayPieces() {}

  /** What to do with a piece. */
  @FunctionalInterface
  interface Piece {
    /** Handles {@code length} elements from {@code from} on, which belong to {@code part}. */
    void accept(int from, int length, Tensor part);
  }

  /** Handles the pieces of an array and a tensor of {@code count} elements. */
  static void forEach(int count, Tensor tensor, Piece piece) {
    if (count <= ELEMENTS) {
      piece.accept(0, count, tensor);
      return;
    }
    try (Tensor flat = tensor.reshape(count)) {
      for (long from = 0; from < count; from += ELEMENTS) {
        int length = (int) Math.min(ELEMENTS, count - from);
        try (Tensor part = flat.rows(from, from + length)) {
          piece.accept((int) from, length, part);
        }
      }
    }
  }
}
