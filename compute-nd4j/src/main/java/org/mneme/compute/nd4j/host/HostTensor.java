// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.lang.ref.Reference;
import java.util.function.Consumer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.support.LeakTracker;
import org.mneme.compute.support.TrackedTensor;

/**
 * A tensor in native memory of the host.
 *
 * <p>For kernels: {@link #get} and {@link #put} move tiles between the tensor and Java arrays,
 * {@link #floats} and {@link #ints} give pointers for BLAS. Elements are counted from the tensor's
 * first one; none of these four checks for a closed tensor or for the tensor's end, which the
 * device's door has done. They keep the memory alive while they run, and a pointer does as long as
 * it is reachable.
 */
public final class HostTensor implements TrackedTensor {
  private final Device device;
  private final DType dtype;
  private final Shape shape;
  private final Memory memory;
  private final long offset;
  private final HostTensor owner;
  private final LeakTracker.Ticket ticket;
  private final Consumer<HostTensor> release;
  private boolean closed;

  /**
   * A tensor that owns its storage.
   *
   * @param ticket is closed with the tensor
   * @param release is told when the tensor is closed
   */
  public HostTensor(
      Device device,
      DType dtype,
      Shape shape,
      Memory memory,
      LeakTracker.Ticket ticket,
      Consumer<HostTensor> release) {
    this(device, dtype, shape, memory, 0, null, ticket, release);
  }

  private HostTensor(
      Device device,
      DType dtype,
      Shape shape,
      Memory memory,
      long offset,
      HostTensor owner,
      LeakTracker.Ticket ticket,
      Consumer<HostTensor> release) {
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.memory = memory;
    this.offset = offset;
    this.owner = owner == null ? this : owner;
    this.ticket = ticket;
    this.release = release;
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
  public HostTensor rows(long from, long to) {
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
  public HostTensor reshape(Shape other) {
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

  private HostTensor view(Shape viewed, long at) {
    return new HostTensor(device, dtype, viewed, memory, at, owner, ticket, view -> {});
  }

  private void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("tensor " + shape + " is closed");
    }
  }

  @Override
  public boolean isClosed() {
    return closed || owner.closed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release.accept(this);
      if (owner == this) {
        ticket.close();
      }
    }
  }

  @Override
  public LeakTracker.Ticket ticket() {
    return ticket;
  }

  /** A pointer at {@code element}, correct at any distance. */
  public FloatPointer floats(long element) {
    return memory.floats(offset + element);
  }

  /** A pointer at {@code element}, correct at any distance. */
  public IntPointer ints(long element) {
    return memory.ints(offset + element);
  }

  /** Copies {@code length} elements from {@code element} on into {@code target}. */
  public void get(long element, float[] target, int at, int length) {
    try {
      memory.get(offset + element, target, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Copies {@code length} values of {@code source} to the elements from {@code element} on. */
  public void put(long element, float[] source, int at, int length) {
    try {
      memory.put(offset + element, source, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Copies {@code length} elements from {@code element} on into {@code target}. */
  public void get(long element, int[] target, int at, int length) {
    try {
      memory.get(offset + element, target, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Copies {@code length} values of {@code source} to the elements from {@code element} on. */
  public void put(long element, int[] source, int at, int length) {
    try {
      memory.put(offset + element, source, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** One element; for scalars, not for loops. */
  public float getFloat(long element) {
    float[] one = new float[1];
    get(element, one, 0, 1);
    return one[0];
  }

  /** One element; for scalars, not for loops. */
  public void putFloat(long element, float value) {
    put(element, new float[] {value}, 0, 1);
  }

  /** The storage, shared by all views. */
  public Memory memory() {
    return memory;
  }

  /** Where this tensor begins in its storage, in elements. */
  public long offset() {
    return offset;
  }

  /** Whether a byte of this tensor's storage is one of the other's. */
  public boolean overlaps(HostTensor other) {
    return start() < other.start() + other.byteCount() && other.start() < start() + byteCount();
  }

  /** The address of the first element. */
  public long start() {
    return memory.address() + (long) dtype.byteCount() * offset;
  }

  /** This tensor of a CPU device as what it is. */
  public static HostTensor of(Tensor tensor) {
    return (HostTensor) tensor;
  }
}
