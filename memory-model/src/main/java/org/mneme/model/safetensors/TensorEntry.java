// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import java.util.Arrays;
import java.util.Objects;

/**
 * One tensor of a safetensors file.
 *
 * @param name its name, unique in the file
 * @param type the type of its elements
 * @param shape its dimensions, outermost first, each 0 or more; empty for a scalar
 * @param begin first byte, counted from the start of the data section
 * @param end byte after the last one; {@code end - begin} is always {@code elements() *
 *     type().bytes()}
 */
public record TensorEntry(String name, SafetensorsType type, long[] shape, long begin, long end) {

  /**
   * Checks that the place fits the shape.
   *
   * @throws IllegalArgumentException if a dimension is negative, the size overflows a {@code long}
   *     or {@code end - begin} is another size
   */
  public TensorEntry {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    shape = shape.clone();
    long size = byteSize(type, shape);
    if (begin < 0 || end < begin || end - begin != size) {
      throw new IllegalArgumentException(
          "data_offsets [%d, %d] do not hold the %d bytes of %s%s"
              .formatted(begin, end, size, type, Arrays.toString(shape)));
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public long elements() {
    return byteLength() / type.bytes();
  }

  /** Number of bytes. */
  public long byteLength() {
    return end - begin;
  }

  /** The type and the shape as people write them, for instance {@code F32[320, 64]}. */
  public String describe() {
    return type + Arrays.toString(shape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorEntry that
        && name.equals(that.name)
        && type == that.type
        && Arrays.equals(shape, that.shape)
        && begin == that.begin
        && end == that.end;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type, Arrays.hashCode(shape), begin, end);
  }

  @Override
  public String toString() {
    return name + " " + describe() + " [" + begin + ", " + end + ")";
  }

  /**
   * Bytes of a tensor of {@code shape}.
   *
   * @throws IllegalArgumentException if a dimension is negative or the size overflows a {@code
   *     long}
   */
  static long byteSize(SafetensorsType type, long[] shape) {
    boolean empty = false;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " has a negative dimension");
      }
      empty |= dimension == 0;
    }
    if (empty) {
      return 0;
    }
    try {
      long size = type.bytes();
      for (long dimension : shape) {
        size = Math.multiplyExact(size, dimension);
      }
      return size;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " of " + type + " has more than 2^63 - 1 bytes", e);
    }
  }
}
