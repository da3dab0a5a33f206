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
  private final OperationProfiler profiler;

  CheckedTransferKernels(TransferKernels kernels, ArgumentCheck check, OperationProfiler profiler) {
    this.kernels = kernels;
    this.check = check;
    this.profiler = profiler;
  }

  @Override
  public void write(ByteBuffer source, Tensor target) {
    check.of("write").tensor("target", target);
    bytes("source", source, target);
    long started = profiler.start();
    kernels.write(source, target);
    profiler.stop("write", started);
  }

  @Override
  public void read(Tensor source, ByteBuffer target) {
    check.of("read").notRecording().tensor("source", source);
    bytes("target", target, source);
    if (target.isReadOnly()) {
      throw check.illegal("target", "is read-only", "a buffer that can be written");
    }
    long started = profiler.start();
    kernels.read(source, target);
    profiler.stop("read", started);
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
    long started = profiler.start();
    kernels.copy(source, target);
    profiler.stop("copy", started);
  }

  @Override
  public void fill(Tensor target, double value) {
    check.of("fill").tensor("target", target);
    if (target.dtype() == DType.I32) {
      check.that(value == (int) value, "value", value, "an integer of 32 bits");
    }
    long started = profiler.start();
    kernels.fill(target, value);
    profiler.stop("fill", started);
  }

  @Override
  public void writeFloats(float[] source, Tensor target) {
    check.of("write_floats").dtype("target", target, DType.F32);
    length(source == null ? -1 : source.length, target);
    long started = profiler.start();
    kernels.writeFloats(source, target);
    profiler.stop("write_floats", started);
  }

  @Override
  public void writeInts(int[] source, Tensor target) {
    check.of("write_ints").dtype("target", target, DType.I32);
    length(source == null ? -1 : source.length, target);
    long started = profiler.start();
    kernels.writeInts(source, target);
    profiler.stop("write_ints", started);
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
    long started = profiler.start();
    float[] values = kernels.readFloats(source);
    profiler.stop("read_floats", started);
    return values;
  }

  @Override
  public int[] readInts(Tensor source) {
    check.of("read_ints").notRecording().dtype("source", source, DType.I32);
    fitsArray(source);
    long started = profiler.start();
    int[] values = kernels.readInts(source);
    profiler.stop("read_ints", started);
    return values;
  }

  private void fitsArray(Tensor source) {
    boolean fits = source.elementCount() < 1L << 29;
    check.shapeThat(fits, "source", source, "fewer than 2^29 elements");
  }
}
