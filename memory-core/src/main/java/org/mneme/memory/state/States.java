// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;

/** Reads the parts of a state, of the shapes that are wanted. */
public final class States {
  private States() {}

  /** Integers, as many as given; throws as {@link #read} does. */
  public static int[] ints(StateSource source, String name, long length) {
    check(source, name, Shape.of(length));
    return source.ints(name);
  }

  /** Numbers, as many as given; throws as {@link #read} does. */
  public static float[] floats(StateSource source, String name, long length) {
    check(source, name, Shape.of(length));
    return source.floats(name);
  }

  /** Numbers, as many as given; throws as {@link #read} does. */
  public static double[] doubles(StateSource source, String name, long length) {
    check(source, name, Shape.of(length));
    return source.doubles(name);
  }

  /**
   * Fills a tensor.
   *
   * @throws UserException if the source has none of that name and the tensor's shape
   */
  public static void read(StateSource source, String name, Tensor target) {
    check(source, name, target.shape());
    source.read(name, target);
  }

  private static void check(StateSource source, String name, Shape wanted) {
    Shape found = source.shape(name).orElse(null);
    if (!wanted.equals(found)) {
      throw new UserException(
          "state \""
              + name
              + "\": found "
              + (found == null ? "no such tensor" : "shape " + found)
              + ", wanted shape "
              + wanted);
    }
  }
}
