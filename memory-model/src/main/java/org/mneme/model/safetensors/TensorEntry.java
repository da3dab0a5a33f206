// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/** One tensor of a safetensors file: its name, type, shape and place. Immutable. */
public final class TensorEntry {
  private final String name;
  private final SafetensorsType type;
  private final long[] shape;
  private final long begin;
  private final long end;

  /**
   * A tensor whose place fits its shape.
   *
   * @param name its name, unique in the file
   * @param type the type of its elements
   * @param shape its dimensions, outermost first, each 0 or more; empty for a scalar
   * @param begin first byte, counted from the start of the data section
   * @throws IllegalArgumentException if {@code begin} or a dimension is negative, or the end
   *     overflows a {@code long}
   */
  public TensorEntry(String name, SafetensorsType type, long[] shape, long begin) {
    this.name = Objects.requireNonNull(name, "name");
    this.type = Objects.requireNonNull(type, "type");
    this.shape = shape.clone();
    long size = byteSize(type, shape);
    if (begin < 0 || begin > Long.MAX_VALUE - size) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "begin: found %d for %d bytes, expected 0 or more and an end below 2^63",
              begin,
              size));
    }
    this.begin = begin;
    this.end = begin + size;
  }

  /** Its name, unique in the file. */
  public String name() {
    return name;
  }

  /** The type of its elements. */
  public SafetensorsType type() {
    return type;
  }

  /** A copy of its dimensions, outermost first; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** First byte, counted from the start of the data section. */
  public long begin() {
    return begin;
  }

  /** The byte after the last one; {@code end() - begin()} is {@link #byteLength}. */
  public long end() {
    return end;
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
    // Without the zeros, so that no part of the product overflows either, in whatever order.
    boolean empty = false;
    try {
      long size = type.bytes();
      for (long dimension : shape) {
        if (dimension < 0) {
          throw new IllegalArgumentException(
              "shape " + Arrays.toString(shape) + " has a negative dimension");
        }
        empty |= dimension == 0;
        size = Math.multiplyExact(size, Math.max(1, dimension));
      }
      return empty ? 0 : size;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " of " + type + " has more than 2^63 - 1 bytes", e);
    }
  }
}
