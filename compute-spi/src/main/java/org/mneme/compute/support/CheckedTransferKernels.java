// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.nio.ByteBuffer;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.TransferKernels;

/** Checks the arguments of transfers and times them. */
final class CheckedTransferKernels implements TransferKernels {
  private final TransferKernels kernels;
  private final ArgumentCheck check;
  private final OperationRunner operations;

  CheckedTransferKernels(TransferKernels kernels, ArgumentCheck check, OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.operations = operations;
  }

  @Override
  public void write(ByteBuffer source, Tensor target) {
    check.of("write").tensor("target", target);
    bytes("source", source, target);
    operations.run("write", () -> kernels.write(source, target));
  }

  @Override
  public void read(Tensor source, ByteBuffer target) {
    check.of("read").notRecording().tensor("source", source);
    bytes("target", target, source);
    if (target.isReadOnly()) {
      throw check.illegal("target", "is read-only", "a buffer that can be written");
    }
    operations.run("read", () -> kernels.read(source, target));
  }

  private void bytes(String name, ByteBuffer buffer, Tensor tensor) {
    if (buffer == null) {
      throw check.illegal(name, "is null", "a buffer");
    }
    if (buffer.remaining() != tensor.byteCount()) {
      throw check.illegal(
          name,
          "has " + buffer.remaining() + " bytes remaining",
          tensor.byteCount() + " for " + tensor.dtype() + " " + tensor.shape());
    }
  }

  @Override
  public void copy(Tensor source, Tensor target) {
    check.of("copy").tensor("source", source).sameShape("target", target, source);
    if (source.dtype() != target.dtype()
        && !(source.dtype().isFloating() && target.dtype().isFloating())) {
      throw check.illegal("target", "has dtype " + target.dtype(), source.dtype().toString());
    }
    check.disjoint("target", target, "source", source);
    operations.run("copy", () -> kernels.copy(source, target));
  }

  @Override
  public void fill(Tensor target, double value) {
    check.of("fill").tensor("target", target);
    if (target.dtype() == DType.I32) {
      check.that(value == (int) value, "value", value, "an integer of 32 bits");
    }
    operations.run("fill", () -> kernels.fill(target, value));
  }

  @Override
  public void writeFloats(float[] source, Tensor target) {
    check.of("write_floats").dtype("target", target, DType.F32);
    length(source == null ? -1 : source.length, target);
    operations.run("write_floats", () -> kernels.writeFloats(source, target));
  }

  @Override
  public void writeInts(int[] source, Tensor target) {
    check.of("write_ints").dtype("target", target, DType.I32);
    length(source == null ? -1 : source.length, target);
    operations.run("write_ints", () -> kernels.writeInts(source, target));
  }

  private void length(int found, Tensor target) {
    if (found < 0) {
      throw check.illegal("source", "is null", "an array");
    }
    if (found != target.elementCount()) {
      throw check.illegal(
          "source", "has " + found + " elements", target.elementCount() + " for " + target.shape());
    }
  }

  @Override
  public float[] readFloats(Tensor source) {
    check.of("read_floats").notRecording().dtype("source", source, DType.F32);
    fitsArray(source);
    return operations.get("read_floats", () -> kernels.readFloats(source));
  }

  @Override
  public int[] readInts(Tensor source) {
    check.of("read_ints").notRecording().dtype("source", source, DType.I32);
    fitsArray(source);
    return operations.get("read_ints", () -> kernels.readInts(source));
  }

  private void fitsArray(Tensor source) {
    boolean fits = source.elementCount() < 1L << 29;
    check.shapeThat(fits, "source", source, "fewer than 2^29 elements");
  }
}
