// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.Stateful;
import org.mneme.memory.state.Values;
import org.mneme.model.TensorFile;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.SafetensorsType;
import org.mneme.model.safetensors.SafetensorsWriter;

/** A state as a safetensors file, open for reading. */
final class StateFile implements StateSource, AutoCloseable {
  private final SafetensorsFile file;
  private final long steps;

  private StateFile(SafetensorsFile file, long steps) {
    this.file = file;
    this.steps = steps;
  }

  static void write(Path path, Stateful state) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "mneme");
    state.forEachState(new Declaring(writer));
    writer.write(path);
  }

  /**
   * Opens a state.
   *
   * @param steps done when it was written
   */
  static StateFile open(Path path, long steps) {
    return new StateFile(SafetensorsFile.open(path), steps);
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public Optional<Shape> shape(String name) {
    return file.find(name).map(entry -> Shape.of(entry.shape()));
  }

  @Override
  public void read(String name, Tensor target, Values expected) {
    TensorFile.read(file, name, target, expected);
  }

  @Override
  public int[] ints(String name) {
    return file.readInts(name);
  }

  @Override
  public float[] floats(String name) {
    return file.readFloats(name);
  }

  @Override
  public double[] doubles(String name) {
    int length = Math.toIntExact(file.require(name).byteLength() / Double.BYTES);
    file.require(name, SafetensorsType.F64, length);
    double[] values = new double[length];
    file.slice(name, 0, length * Double.BYTES).asDoubleBuffer().get(values);
    return values;
  }

  @Override
  public void close() {
    file.close();
  }

  /** Declares what it is shown; the bytes follow when the file is written. */
  private record Declaring(SafetensorsWriter writer) implements StateVisitor {
    @Override
    public void visit(String name, Tensor tensor) {
      TensorFile.declare(writer, name, tensor);
    }

    @Override
    public void visit(String name, int[] values) {
      writer.tensor(name, new long[] {values.length}, values);
    }

    @Override
    public void visit(String name, float[] values) {
      writer.tensor(name, new long[] {values.length}, values);
    }

    @Override
    public void visit(String name, double[] values) {
      ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
      bytes.order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
      writer.tensor(
          name, SafetensorsType.F64, new long[] {values.length}, sink -> sink.write(bytes));
    }
  }
}
