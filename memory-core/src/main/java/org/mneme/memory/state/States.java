// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;

/** Reads the parts of a state, of the shapes and values that are expected. */
public final class States {
  private States() {}

  /** Reads {@code length} integers; throws as {@link #read} does. */
  public static int[] ints(StateSource source, String name, long length, Values expected) {
    check(source, name, Shape.of(length));
    return expected.check(name, source.ints(name));
  }

  /** Reads {@code length} numbers; throws as {@link #read} does. */
  public static float[] floats(StateSource source, String name, long length, Values expected) {
    check(source, name, Shape.of(length));
    return expected.check(name, source.floats(name));
  }

  /** Reads {@code length} numbers; throws as {@link #read} does. */
  public static double[] doubles(StateSource source, String name, long length, Values expected) {
    check(source, name, Shape.of(length));
    return expected.check(name, source.doubles(name));
  }

  /**
   * Fills a tensor.
   *
   * @throws UserException if the source has none of that name and the tensor's shape, or one with
   *     another value than expected, naming its place
   */
  public static void read(StateSource source, String name, Tensor target, Values expected) {
    check(source, name, target.shape());
    source.read(name, target, expected);
  }

  private static void check(StateSource source, String name, Shape wanted) {
    Shape found = source.shape(name).orElse(null);
    if (!wanted.equals(found)) {
      throw new UserException(
          "state \""
              + name
              + "\": expected shape "
              + wanted
              + ", got "
              + (found == null ? "no such tensor" : "shape " + found));
    }
  }
}
