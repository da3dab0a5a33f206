// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Shape;

/**
 * What tensors of all providers have in common: type, extents, views, and when they end.
 *
 * @param <T> the tensors of the provider
 */
public abstract class ContiguousTensor<T extends ContiguousTensor<T>> implements TrackedTensor {
  private final AbstractDevice device;
  private final DType dtype;
  private final Shape shape;
  private final long offset;
  private final ContiguousTensor<T> owner;
  private final LeakTracker.Ticket ticket;
  private boolean closed;

  /**
   * An owner of storage.
   *
   * @param ticket is closed with the tensor
   */
  protected ContiguousTensor(
      AbstractDevice device, DType dtype, Shape shape, LeakTracker.Ticket ticket) {
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.offset = 0;
    this.owner = this;
    this.ticket = ticket;
  }

  /**
   * A view.
   *
   * @param viewed the tensor whose owner is shared
   * @param offset where the view begins in the storage, in elements
   */
  protected ContiguousTensor(ContiguousTensor<T> viewed, Shape shape, long offset) {
    this.device = viewed.device;
    this.dtype = viewed.dtype;
    this.shape = shape;
    this.offset = offset;
    this.owner = viewed.owner;
    this.ticket = viewed.ticket;
  }

  /** A view that begins {@code offset} elements behind the beginning of the storage. */
  protected abstract T view(Shape viewed, long offset);

  /** Called once when an owner is closed. */
  protected abstract void release();

  @Override
  public final AbstractDevice device() {
    return device;
  }

  @Override
  public final DType dtype() {
    return dtype;
  }

  @Override
  public final Shape shape() {
    return shape;
  }

  /** Where this tensor begins in its storage, in elements. */
  public final long offset() {
    return offset;
  }

  @Override
  public final T rows(long from, long to) {
    requireOpen();
    if (shape.rank() == 0) {
      throw new IndexOutOfBoundsException("a scalar has no rows");
    }
    long extent = shape.extent(0);
    if (from < 0 || to < from || to > extent) {
      throw new IndexOutOfBoundsException(
          "rows " + from + " to " + to + " do not lie within the first extent of " + shape);
    }
    long width = extent == 0 ? 0 : shape.elementCount() / extent;
    return view(shape.withFirst(to - from), offset + from * width);
  }

  @Override
  public final T reshape(Shape other) {
    requireOpen();
    if (other.elementCount() != shape.elementCount()) {
      throw new IllegalArgumentException(
          "cannot reshape "
              + shape
              + " ("
              + shape.elementCount()
              + " elements) to "
              + other
              + " ("
              + other.elementCount()
              + ")");
    }
    return view(other, offset);
  }

  private void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("tensor " + shape + " is closed");
    }
  }

  @Override
  public final boolean isClosed() {
    return closed || owner.closed;
  }

  @Override
  public final void close() {
    if (!closed) {
      if (owner == this) {
        closeOwner();
      }
      closed = true;
    }
  }

  /** A second thread is refused before anything has changed, so that its owner can still close. */
  private void closeOwner() {
    device.guard().enter("close of a tensor");
    try {
      closed = true;
      release();
      ticket.close();
    } finally {
      device.guard().exit();
    }
  }

  @Override
  public final LeakTracker.Ticket ticket() {
    return ticket;
  }
}
