// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.lang.ref.Reference;
import java.util.function.Consumer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.ContiguousTensor;
import org.mneme.compute.support.LeakTracker;

/**
 * A tensor in native memory of the host.
 *
 * <p>For kernels: {@link #get} and {@link #put} move tiles between the tensor and Java arrays,
 * {@link #floats} and {@link #ints} give pointers for BLAS. Elements are counted from the tensor's
 * first one; none of these four checks for a closed tensor or for the tensor's end, which the
 * device's door has done. They keep the memory alive while they run, and a pointer does as long as
 * it is reachable.
 */
public final class HostTensor extends ContiguousTensor<HostTensor> {
  private final Memory memory;
  private final Consumer<HostTensor> release;

  /**
   * A tensor that owns its storage.
   *
   * @param ticket is closed with the tensor
   * @param release is told when the tensor is closed
   */
  public HostTensor(
      AbstractDevice device,
      DType dtype,
      Shape shape,
      Memory memory,
      LeakTracker.Ticket ticket,
      Consumer<HostTensor> release) {
    super(device, dtype, shape, ticket);
    this.memory = memory;
    this.release = release;
  }

  private HostTensor(HostTensor viewed, Shape shape, long offset) {
    super(viewed, shape, offset);
    this.memory = viewed.memory;
    this.release = viewed.release;
  }

  @Override
  protected HostTensor view(Shape viewed, long offset) {
    return new HostTensor(this, viewed, offset);
  }

  @Override
  protected void release() {
    release.accept(this);
  }

  /** A pointer at {@code element}, correct at any distance. */
  public FloatPointer floats(long element) {
    return memory.floats(offset() + element);
  }

  /** A pointer at {@code element}, correct at any distance. */
  public IntPointer ints(long element) {
    return memory.ints(offset() + element);
  }

  /** Copies {@code length} elements from {@code element} on into {@code target}. */
  public void get(long element, float[] target, int at, int length) {
    try {
      memory.get(offset() + element, target, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Copies {@code length} values of {@code source} to the elements from {@code element} on. */
  public void put(long element, float[] source, int at, int length) {
    try {
      memory.put(offset() + element, source, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Copies {@code length} elements from {@code element} on into {@code target}. */
  public void get(long element, int[] target, int at, int length) {
    try {
      memory.get(offset() + element, target, at, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Copies {@code length} values of {@code source} to the elements from {@code element} on. */
  public void put(long element, int[] source, int at, int length) {
    try {
      memory.put(offset() + element, source, at, length);
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

  /** Whether a byte of this tensor's storage is one of the other's. */
  public boolean overlaps(HostTensor other) {
    return start() < other.start() + other.byteCount() && other.start() < start() + byteCount();
  }

  /** The address of the first element. */
  public long start() {
    return memory.address() + (long) dtype().byteCount() * offset();
  }

  /** This tensor of a CPU device as what it is. */
  public static HostTensor of(Tensor tensor) {
    return (HostTensor) tensor;
  }
}
