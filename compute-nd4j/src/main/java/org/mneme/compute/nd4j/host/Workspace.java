// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.util.HashMap;
import java.util.Map;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;

/**
 * Scratch buffers of a device's kernels, told by name, kept from call to call and grown as needed.
 *
 * <p>A buffer is valid until the same name is asked for again; its contents are undefined. Names
 * are those of the operation that uses them, so that two operations never share one. To be used
 * from the thread that drives the device, not from within tasks.
 */
public final class Workspace {
  /** Where buffers come from. */
  @FunctionalInterface
  public interface Allocator {
    /** A new tensor. */
    HostTensor allocate(MemoryTag tag, DType dtype, Shape shape);
  }

  private final Allocator allocator;
  private final Map<String, HostTensor> buffers = new HashMap<>();

  /** Buffers from the given source. */
  public Workspace(Allocator allocator) {
    this.allocator = allocator;
  }

  /** A buffer of at least {@code elements} floats. */
  public HostTensor floats(String name, long elements) {
    return buffer(name, DType.F32, elements);
  }

  /** A buffer of at least {@code elements} ints; another one than the floats of that name. */
  public HostTensor ints(String name, long elements) {
    return buffer(name + "#", DType.I32, elements);
  }

  private HostTensor buffer(String name, DType dtype, long elements) {
    HostTensor buffer = buffers.get(name);
    if (buffer == null || buffer.elementCount() < elements) {
      if (buffer != null) {
        // Forgotten first: were there no room for a larger one, the next call would get it closed.
        buffers.remove(name);
        buffer.close();
      }
      buffer = allocator.allocate(MemoryTag.WORKSPACE, dtype, Shape.of(elements));
      buffers.put(name, buffer);
    }
    return buffer;
  }
}
