// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import java.util.Objects;
import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/** Elements in an array of doubles, all of them values that the tensor's type can hold. */
final class PlainTensor implements Tensor {
  private final PlainDevice device;
  private final DType dtype;
  private final Shape shape;
  private final double[] storage;
  private final int first;
  private final PlainTensor owner;
  private final Runnable release;
  private boolean closed;

  private PlainTensor(
      PlainDevice device,
      DType dtype,
      Shape shape,
      double[] storage,
      int first,
      PlainTensor owner,
      Runnable release) {
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.storage = storage;
    this.first = first;
    this.owner = owner;
    this.release = release;
  }

  static PlainTensor owner(PlainDevice device, DType dtype, Shape shape, Runnable release) {
    double[] storage = new double[Math.toIntExact(shape.elementCount())];
    return new PlainTensor(device, dtype, shape, storage, 0, null, release);
  }

  private PlainTensor view(Shape viewShape, int from) {
    PlainTensor root = owner == null ? this : owner;
    return new PlainTensor(device, dtype, viewShape, storage, from, root, () -> {});
  }

  @Override
  public PlainDevice device() {
    return device;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public PlainTensor rows(long from, long to) {
    requireOpen();
    Objects.checkFromToIndex(from, to, shape.extent(0));
    Shape rows = shape.withFirst(to - from);
    long width = shape.extent(0) == 0 ? 0 : shape.elementCount() / shape.extent(0);
    return view(rows, Math.toIntExact(first + from * width));
  }

  @Override
  public PlainTensor reshape(Shape other) {
    requireOpen();
    if (other.elementCount() != shape.elementCount()) {
      throw new IllegalArgumentException("cannot reshape " + shape + " to " + other);
    }
    return view(other, first);
  }

  private void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("the tensor is closed");
    }
  }

  @Override
  public boolean isClosed() {
    return closed || device.isClosed() || owner != null && owner.isClosed();
  }

  @Override
  public void close() {
    if (!closed && !device.isClosed()) {
      device.guard().enter("close of a tensor");
      try {
        release.run();
      } finally {
        device.guard().exit();
      }
    }
    closed = true;
  }

  /** A copy of the elements. */
  double[] get() {
    double[] values = new double[(int) elementCount()];
    System.arraycopy(storage, first, values, 0, values.length);
    return values;
  }

  /** Rounds values to this type and stores them. */
  void put(double[] values) {
    for (int i = 0; i < values.length; i++) {
      storage[first + i] = PlainDevice.round(dtype, values[i]);
    }
  }

  boolean sharesStorage(PlainTensor other) {
    return storage == other.storage;
  }

  int first() {
    return first;
  }
}
