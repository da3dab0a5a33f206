// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A stretch of native memory of four-byte elements, of any length.
 *
 * <p>A buffer of java.nio holds less than 2³¹ bytes, so the stretch is covered by one buffer for
 * each segment of 2²⁸ elements, and a copy that crosses a border is split there.
 */
public final class Memory {
  private static final int SEGMENT_BITS = 28;
  private static final int BYTES = 4;

  private final long address;
  private final long elements;
  private final Object owner;
  private final int segmentBits;
  private final FloatBuffer[] floats;
  private final IntBuffer[] ints;

  /**
   * Covers memory that is there already.
   *
   * @param address of the first element
   * @param elements number of elements
   * @param owner is kept alive as long as this object or a pointer into it is reachable; or null
   */
  public Memory(long address, long elements, Object owner) {
    this(address, elements, owner, SEGMENT_BITS);
  }

  Memory(long address, long elements, Object owner, int segmentBits) {
    this.address = address;
    this.elements = elements;
    this.owner = owner;
    this.segmentBits = segmentBits;
    long segment = 1L << segmentBits;
    int segments = Math.toIntExact((elements + segment - 1) >> segmentBits);
    this.floats = new FloatBuffer[segments];
    this.ints = new IntBuffer[segments];
    for (int i = 0; i < segments; i++) {
      long first = i * segment;
      long bytes = BYTES * Math.min(segment, elements - first);
      ByteBuffer buffer =
          new Address(address + BYTES * first, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
      floats[i] = buffer.asFloatBuffer();
      ints[i] = buffer.asIntBuffer();
    }
  }

  /** The address of the first element. */
  public long address() {
    return address;
  }

  /** The number of elements. */
  public long elements() {
    return elements;
  }

  /** What is kept alive; or null. */
  public Object owner() {
    return owner;
  }

  /** A pointer to an element and those behind it; it keeps the owner alive. */
  FloatPointer floats(long element) {
    return new Floats(this, element);
  }

  /** A pointer to an element and those behind it; it keeps the owner alive. */
  IntPointer ints(long element) {
    return new Ints(this, element);
  }

  /** A pointer {@code elements} behind another one, that keeps alive what that one does. */
  static FloatPointer plus(FloatPointer pointer, long elements) {
    if (pointer instanceof Floats floats) {
      Memory memory = floats.memory;
      long element = (pointer.address() - memory.address) / BYTES + pointer.position();
      return memory.floats(element + elements);
    }
    return new FloatPointer(pointer).position(pointer.position() + elements);
  }

  void get(long element, float[] target, int at, int length) {
    for (int done = 0; done < length; ) {
      int part = part(element + done, length - done);
      floats[segment(element + done)].get(inSegment(element + done), target, at + done, part);
      done += part;
    }
  }

  void put(long element, float[] source, int at, int length) {
    for (int done = 0; done < length; ) {
      int part = part(element + done, length - done);
      floats[segment(element + done)].put(inSegment(element + done), source, at + done, part);
      done += part;
    }
  }

  void get(long element, int[] target, int at, int length) {
    for (int done = 0; done < length; ) {
      int part = part(element + done, length - done);
      ints[segment(element + done)].get(inSegment(element + done), target, at + done, part);
      done += part;
    }
  }

  void put(long element, int[] source, int at, int length) {
    for (int done = 0; done < length; ) {
      int part = part(element + done, length - done);
      ints[segment(element + done)].put(inSegment(element + done), source, at + done, part);
      done += part;
    }
  }

  private int segment(long element) {
    return (int) (element >> segmentBits);
  }

  private int inSegment(long element) {
    return (int) (element & ((1L << segmentBits) - 1));
  }

  private int part(long element, int length) {
    return (int) Math.min(length, (1L << segmentBits) - inSegment(element));
  }

  /** A pointer that owns nothing. */
  private static final class Address extends Pointer {
    Address(long address, long bytes) {
      this.address = address;
      this.limit = bytes;
      this.capacity = bytes;
    }
  }

  private static final class Floats extends FloatPointer {
    private final Memory memory;

    Floats(Memory memory, long element) {
      super((Pointer) null);
      this.memory = memory;
      this.address = memory.address + BYTES * element;
      this.limit = memory.elements - element;
      this.capacity = this.limit;
    }
  }

  private static final class Ints extends IntPointer {
    /** Never read, but reachable as long as this is. */
    @SuppressWarnings("UnusedVariable")
    private final Memory memory;

    Ints(Memory memory, long element) {
      super((Pointer) null);
      this.memory = memory;
      this.address = memory.address + BYTES * element;
      this.limit = memory.elements - element;
      this.capacity = this.limit;
    }
  }
}
