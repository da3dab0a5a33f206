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
import org.mneme.memory.state.Values;

/** A state on the host, as a checkpoint would hold it. */
public final class StoredState implements StateVisitor, StateSource {
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, Object> contents = new HashMap<>();
  private long steps = Integer.MAX_VALUE;

  @Override
  public void visit(String name, Tensor tensor) {
    byte[] bytes = new byte[(int) tensor.byteCount()];
    tensor.device().transfer().read(tensor, ByteBuffer.wrap(bytes));
    put(name, tensor.shape(), bytes);
  }

  @Override
  public void visit(String name, int[] values) {
    put(name, Shape.of(values.length), values.clone());
  }

  @Override
  public void visit(String name, float[] values) {
    put(name, Shape.of(values.length), values.clone());
  }

  @Override
  public void visit(String name, double[] values) {
    put(name, Shape.of(values.length), values.clone());
  }

  private void put(String name, Shape shape, Object content) {
    if (contents.put(name, content) != null) {
      throw new IllegalStateException("two parts named " + name);
    }
    shapes.put(name, shape);
  }

  @Override
  public Optional<Shape> shape(String name) {
    return Optional.ofNullable(shapes.get(name));
  }

  @Override
  public void read(String name, Tensor target, Values expected) {
    expected.check(name, target.shape(), 0, ByteBuffer.wrap((byte[]) contents.get(name)));
    target.device().transfer().write(ByteBuffer.wrap((byte[]) contents.get(name)), target);
  }

  @Override
  public int[] ints(String name) {
    return (int[]) contents.get(name);
  }

  @Override
  public float[] floats(String name) {
    return (float[]) contents.get(name);
  }

  @Override
  public double[] doubles(String name) {
    return (double[]) contents.get(name);
  }

  @Override
  public long steps() {
    return steps;
  }

  /** Says after how many steps it was stored; it is not known at first. */
  public void steps(long value) {
    steps = value;
  }

  /** Puts integers in the place of others. */
  public void replace(String name, int... values) {
    contents.put(name, values);
  }

  /** Leaves one part out. */
  public void remove(String name) {
    shapes.remove(name);
    contents.remove(name);
  }
}
