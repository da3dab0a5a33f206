// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/**
 * Checks the arguments of operations and names the one that is wrong. One instance serves all
 * operations of a device; nothing is allocated unless a check fails.
 */
final class ArgumentCheck {
  private final AbstractDevice device;
  private String operation = "";

  ArgumentCheck(AbstractDevice device) {
    this.device = device;
  }

  /** Begins the checks of an operation, which are not for two threads at once either. */
  ArgumentCheck of(String operationName) {
    device.guard().requireNoOther(operationName);
    operation = operationName;
    return this;
  }

  /** An open tensor of this device, of any dtype and shape. */
  ArgumentCheck tensor(String name, Tensor tensor) {
    if (tensor == null) {
      throw illegal(name, "is null", "a tensor");
    }
    if (tensor.isClosed()) {
      throw illegal(name, "is closed", "an open tensor" + whereClosed(tensor));
    }
    if (tensor.device() != device) {
      String found = "is on device '" + tensor.device().info().id() + "'";
      throw illegal(name, found, "this device, '" + device.info().id() + "'");
    }
    return this;
  }

  private static String whereClosed(Tensor tensor) {
    String stack = tensor instanceof TrackedTensor tracked ? tracked.ticket().whereClosed() : "";
    return stack.isEmpty() ? "" : System.lineSeparator() + stack;
  }

  /** A tensor of a given dtype. */
  ArgumentCheck dtype(String name, Tensor tensor, DType wanted) {
    tensor(name, tensor);
    if (tensor.dtype() != wanted) {
      throw illegal(name, "has dtype " + tensor.dtype(), wanted.toString());
    }
    return this;
  }

  /** A tensor of floating-point numbers. */
  ArgumentCheck floating(String name, Tensor tensor) {
    tensor(name, tensor);
    if (!tensor.dtype().isFloating()) {
      throw illegal(name, "has dtype " + tensor.dtype(), "a floating dtype");
    }
    return this;
  }

  /** A tensor of a dtype, read as a matrix of given extents. */
  ArgumentCheck matrix(String name, Tensor tensor, DType wanted, long rows, long columns) {
    dtype(name, tensor, wanted);
    Shape shape = tensor.shape();
    if (shape.columns() != columns || shape.rows() != rows) {
      throw shape(name, shape, "[" + rows + ", " + columns + "]");
    }
    return this;
  }

  /** A tensor of a dtype, read as [outer, inner, columns]. */
  ArgumentCheck cube(
      String name, Tensor tensor, DType wanted, long outer, long inner, long columns) {
    dtype(name, tensor, wanted);
    Shape shape = tensor.shape();
    if (shape.columns() != columns || shape.rows() != outer * inner) {
      throw shape(name, shape, "[" + outer + ", " + inner + ", " + columns + "]");
    }
    return this;
  }

  /** A tensor of a dtype with a given number of elements. */
  ArgumentCheck vector(String name, Tensor tensor, DType wanted, long elements) {
    dtype(name, tensor, wanted);
    if (tensor.shape().elementCount() != elements) {
      throw shape(name, tensor.shape(), "[" + elements + "]");
    }
    return this;
  }

  /** A single F32 number. */
  ArgumentCheck scalar(String name, Tensor tensor) {
    return vector(name, tensor, DType.F32, 1);
  }

  /** An open tensor of exactly the same shape as another. */
  ArgumentCheck sameShape(String name, Tensor tensor, Tensor other) {
    tensor(name, tensor);
    if (!tensor.shape().equals(other.shape())) {
      throw shape(name, tensor.shape(), other.shape().toString());
    }
    return this;
  }

  /** A tensor of a given rank. */
  ArgumentCheck rank(String name, Tensor tensor, int wanted, String extents) {
    tensor(name, tensor);
    if (tensor.shape().rank() != wanted) {
      throw shape(name, tensor.shape(), extents);
    }
    return this;
  }

  /** A condition on a number. */
  ArgumentCheck that(boolean holds, String name, double found, String wanted) {
    if (!holds) {
      boolean integer = found == Math.rint(found) && Math.abs(found) < 1e15;
      throw illegal(name, "is " + (integer ? Long.toString((long) found) : "" + found), wanted);
    }
    return this;
  }

  /** A tensor whose elements are numbered by 32-bit integers. */
  ArgumentCheck numbered(String name, Tensor tensor) {
    boolean few = tensor.elementCount() <= Integer.MAX_VALUE;
    return shapeThat(few, name, tensor, "fewer than 2^31 elements");
  }

  /** A condition on a tensor's shape that {@code wanted} tells. */
  ArgumentCheck shapeThat(boolean holds, String name, Tensor tensor, String wanted) {
    if (!holds) {
      throw shape(name, tensor.shape(), wanted);
    }
    return this;
  }

  /** Two arguments that are given both or not at all. */
  ArgumentCheck together(String name, Tensor tensor, String otherName, Tensor other) {
    if ((tensor == null) != (other == null)) {
      boolean firstIsNull = tensor == null;
      throw illegal(
          firstIsNull ? name : otherName,
          "is null",
          "null together with '" + (firstIsNull ? otherName : name) + "', or neither");
    }
    return this;
  }

  /** An output that may not overlap an input. */
  ArgumentCheck disjoint(String name, Tensor output, String otherName, Tensor input) {
    if (device.overlap(output, input) != Overlap.NONE) {
      throw illegal(name, "overlaps '" + otherName + "'", "storage of its own");
    }
    return this;
  }

  /** An output that may be an input, but not overlap it otherwise. */
  ArgumentCheck inPlace(String name, Tensor output, String otherName, Tensor input) {
    if (device.overlap(output, input) == Overlap.PARTIAL) {
      throw illegal(
          name, "overlaps '" + otherName + "' in part", "the same storage or one of its own");
    }
    return this;
  }

  /** An operation that waits for the device and so cannot be recorded. */
  ArgumentCheck notRecording() {
    if (device.recording()) {
      throw new IllegalStateException(
          operation + ": reads to the host, which a recorded graph cannot do");
    }
    return this;
  }

  IllegalArgumentException shape(String name, Shape found, String wanted) {
    return illegal(name, "has shape " + found, wanted);
  }

  IllegalArgumentException illegal(String name, String found, String wanted) {
    return new IllegalArgumentException(
        operation + ": argument '" + name + "' " + found + ", wanted " + wanted);
  }
}
