// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.mneme.compute.Shape;
import org.mneme.compute.UserException;

/**
 * The values that a stored tensor may hold, checked before any kernel reads them: kernels rely on
 * indices in range, and one value that is not finite spoils all that is computed from it.
 */
public final class Values {
  private final String expected;
  private final boolean integers;
  private final double least;
  private final double most;

  private Values(String expected, boolean integers, double least, double most) {
    this.expected = expected;
    this.integers = integers;
    this.least = least;
    this.most = most;
  }

  /** Returns finite F32 numbers. */
  public static Values finite() {
    return new Values("a finite number", false, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  /** Returns finite F32 numbers of at least {@code least}. */
  public static Values finiteFrom(double least) {
    String text = least == Math.rint(least) ? String.valueOf((long) least) : String.valueOf(least);
    return new Values("a finite number of at least " + text, false, least, Double.MAX_VALUE);
  }

  /** Returns numbers from {@code least} to {@code most}, both included. */
  public static Values between(long least, long most) {
    return new Values("a number in [" + least + ", " + most + "]", false, least, most);
  }

  /** Returns counts of what happens at most once in an optimizer step. */
  public static Values upToSteps(String what, long steps) {
    return integers(what, 0, Math.min(steps, Integer.MAX_VALUE) + 1);
  }

  /** Returns all I32 numbers. */
  public static Values anyInteger() {
    return new Values("a whole number", true, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /**
   * Returns I32 numbers of a range.
   *
   * @param what one of them is, with an article, such as "a token id"
   * @param from the least
   * @param to the most, plus 1
   */
  public static Values integers(String what, long from, long to) {
    return new Values(what + " in [" + from + ", " + to + ")", true, from, to - 1.0);
  }

  /**
   * Checks a part of a tensor.
   *
   * @param name of the tensor
   * @param shape of the whole tensor
   * @param first the number of the first element given, in row-major order
   * @param bytes elements, I32 or F32, little-endian; its position stays
   * @throws UserException naming the first bad element and its value
   */
  public void check(String name, Shape shape, long first, ByteBuffer bytes) {
    ByteBuffer values = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    int count = values.remaining() / Integer.BYTES;
    for (int i = 0; i < count; i++) {
      double value = integers ? values.getInt(4 * i) : values.getFloat(4 * i);
      if (!holds(value)) {
        throw fault(name, shape, first + i, value);
      }
    }
  }

  /** Checks an array that is stored as [length]; throws as the other method does. */
  public int[] check(String name, int[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!holds(values[i])) {
        throw fault(name, Shape.of(values.length), i, values[i]);
      }
    }
    return values;
  }

  /** Checks an array that is stored as [length]; throws as the other method does. */
  public float[] check(String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!holds(values[i])) {
        throw fault(name, Shape.of(values.length), i, values[i]);
      }
    }
    return values;
  }

  /** Checks an array that is stored as [length]; throws as the other method does. */
  public double[] check(String name, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!holds(values[i])) {
        throw fault(name, Shape.of(values.length), i, values[i]);
      }
    }
    return values;
  }

  /** False also for NaN. */
  private boolean holds(double value) {
    return value >= least && value <= most;
  }

  private UserException fault(String name, Shape shape, long element, double value) {
    String found = integers ? String.valueOf((long) value) : String.valueOf(value);
    return new UserException(
        name + place(shape, element) + ": expected " + expected + ", got " + found);
  }

  /** The indices of an element, such as [17, 3]. */
  private static String place(Shape shape, long element) {
    long[] indices = new long[shape.rank()];
    long rest = element;
    for (int axis = indices.length - 1; axis >= 0; axis--) {
      indices[axis] = rest % shape.extent(axis);
      rest /= shape.extent(axis);
    }
    return Arrays.stream(indices)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
