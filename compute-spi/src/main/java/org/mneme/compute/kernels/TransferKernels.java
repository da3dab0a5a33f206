// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mneme.compute.Tensor;

/** Copies between host and device and between tensors. Reading waits for the device. */
public interface TransferKernels {
  /**
   * Fills a tensor from the remaining bytes of a buffer (little endian), which must be exactly its
   * size; the position moves to the limit.
   */
  void write(ByteBuffer source, Tensor target);

  /**
   * Writes a tensor's bytes (little endian) into a buffer, which must have exactly as many
   * remaining; the position moves to the limit.
   */
  void read(Tensor source, ByteBuffer target);

  /** Copies elements between tensors of one shape; F32 and BF16 are converted (round to even). */
  void copy(Tensor source, Tensor target);

  /** Sets every element; for I32 the value must be an integer. */
  void fill(Tensor target, double value);

  /** Fills an F32 tensor from an array of exactly its size. */
  default void writeFloats(float[] source, Tensor target) {
    ArrayPieces.forEach(
        source.length,
        target,
        (from, length, part) -> {
          ByteBuffer bytes = ByteBuffer.allocate(4 * length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(source, from, length);
          write(bytes, part);
        });
  }

  /** Fills an I32 tensor from an array of exactly its size. */
  default void writeInts(int[] source, Tensor target) {
    ArrayPieces.forEach(
        source.length,
        target,
        (from, length, part) -> {
          ByteBuffer bytes = ByteBuffer.allocate(4 * length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asIntBuffer().put(source, from, length);
          write(bytes, part);
        });
  }

  /** The elements of an F32 tensor of fewer than 2²⁹ elements. */
  default float[] readFloats(Tensor source) {
    float[] values = new float[Math.toIntExact(source.elementCount())];
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(4, values.length));
    read(source, bytes.order(ByteOrder.LITTLE_ENDIAN));
    bytes.flip();
    bytes.asFloatBuffer().get(values);
    return values;
  }

  /** The elements of an I32 tensor of fewer than 2²⁹ elements. */
  default int[] readInts(Tensor source) {
    int[] values = new int[Math.toIntExact(source.elementCount())];
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(4, values.length));
    read(source, bytes.order(ByteOrder.LITTLE_ENDIAN));
    bytes.flip();
    bytes.asIntBuffer().get(values);
    return values;
  }
}
