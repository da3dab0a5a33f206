// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/** A state on the host, as a checkpoint would hold it. */
public final class StoredState implements StateVisitor, StateSource {
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, byte[]> contents = new HashMap<>();

  @Override
  public void visit(String name, Tensor tensor) {
    byte[] bytes = new byte[(int) tensor.byteCount()];
    tensor.device().transfer().read(tensor, ByteBuffer.wrap(bytes));
    if (contents.put(name, bytes) != null) {
      throw new IllegalStateException("two tensors named " + name);
    }
    shapes.put(name, tensor.shape());
  }

  @Override
  public Optional<Shape> shape(String name) {
    return Optional.ofNullable(shapes.get(name));
  }

  @Override
  public void read(String name, Tensor target) {
    target.device().transfer().write(ByteBuffer.wrap(contents.get(name)), target);
  }

  /** Leaves one tensor out. */
  public void remove(String name) {
    shapes.remove(name);
    contents.remove(name);
  }
}
