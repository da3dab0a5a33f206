// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;

/** A tensor without elements, for tests of what happens at the door. */
final class FakeTensor implements TrackedTensor {
  private final Device device;
  private final DType dtype;
  private final Shape shape;
  private final LeakTracker.Ticket ticket;
  private boolean closed;

  FakeTensor(FakeDevice device, DType dtype, Shape shape) {
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.ticket = new LeakTracker(true).opened(MemoryTag.ACTIVATIONS, dtype, shape);
  }

  @Override
  public Device device() {
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
  public FakeTensor rows(long from, long to) {
    return new FakeTensor((FakeDevice) device, dtype, shape.withFirst(to - from));
  }

  @Override
  public FakeTensor reshape(Shape other) {
    return new FakeTensor((FakeDevice) device, dtype, other);
  }

  @Override
  public LeakTracker.Ticket ticket() {
    return ticket;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    ticket.close();
  }
}
