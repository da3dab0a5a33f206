// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The extents of a tensor, outermost first. Immutable; every extent is at least 0. */
public final class Shape {
  private final long[] extents;
  private final long elementCount;

  private Shape(long[] extents) {
    this.extents = extents;
    this.elementCount = count(extents);
  }

  /**
   * A shape of the given extents; none for a scalar.
   *
   * @throws IllegalArgumentException if an extent is negative or their product overflows a long
   */
  public static Shape of(long... extents) {
    return new Shape(extents.clone());
  }

  private static long count(long[] extents) {
    long product = 1;
    for (long extent : extents) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "extents must be >= 0, found " + Arrays.toString(extents));
      }
      try {
        product = Math.multiplyExact(product, extent);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "the product of the extents overflows, found " + Arrays.toString(extents), e);
      }
    }
    return product;
  }

  /** The number of extents. */
  public int rank() {
    return extents.length;
  }

  /** Extent {@code axis}; a negative axis counts from the end, so −1 is the last. */
  public long extent(int axis) {
    return extents[axis < 0 ? extents.length + axis : axis];
  }

  /** The product of all extents. */
  public long elementCount() {
    return elementCount;
  }

  /** The last extent; 1 for a scalar. The width of the matrix that kernels see. */
  public long columns() {
    return extents.length == 0 ? 1 : extents[extents.length - 1];
  }

  /** The product of all extents but the last. The height of the matrix that kernels see. */
  public long rows() {
    long product = 1;
    for (int axis = 0; axis < extents.length - 1; axis++) {
      product *= extents[axis];
    }
    return product;
  }

  /** This shape with another first extent. */
  public Shape withFirst(long extent) {
    long[] changed = extents.clone();
    changed[0] = extent;
    return new Shape(changed);
  }

  /** A copy of the extents. */
  public long[] toArray() {
    return extents.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  @Override
  public String toString() {
    return Arrays.stream(extents)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
