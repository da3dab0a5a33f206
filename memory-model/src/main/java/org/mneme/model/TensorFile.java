// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.state.Values;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.SafetensorsType;
import org.mneme.model.safetensors.SafetensorsWriter;

/** Moves tensors between a device and safetensors files, piece by piece. */
public final class TensorFile {
  private static final int CHUNK_BYTES = 1 << 22;

  private TensorFile() {}

  /** Writes tensors under their names, replacing the file in one step. */
  public static void write(Path path, Map<String, Tensor> tensors) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "mneme");
    tensors.forEach((name, tensor) -> declare(writer, name, tensor));
    writer.write(path);
  }

  /** Declares a tensor, which is read from its device when the file is written. */
  public static void declare(SafetensorsWriter writer, String name, Tensor tensor) {
    writer.tensor(name, type(tensor.dtype()), tensor.shape().toArray(), sink -> give(tensor, sink));
  }

  private static void give(Tensor tensor, SafetensorsWriter.Sink sink) throws IOException {
    ByteBuffer chunk = sink.buffer();
    int width = tensor.dtype().byteCount();
    int most = chunk.capacity() / width;
    Tensor flat = tensor.reshape(tensor.elementCount());
    for (long from = 0; from < flat.elementCount(); from += most) {
      long to = Math.min(flat.elementCount(), from + most);
      chunk.clear().limit((int) ((to - from) * width));
      tensor.device().transfer().read(flat.rows(from, to), chunk);
      sink.write(chunk.flip());
    }
  }

  /**
   * Fills a tensor from a file.
   *
   * @param expected the values that the tensor may hold
   * @throws UserException if the file has no such tensor, or one of another type or shape, or with
   *     another value, naming its place
   */
  public static void read(SafetensorsFile file, String name, Tensor target, Values expected) {
    file.require(name, type(target.dtype()), target.shape().toArray());
    int width = target.dtype().byteCount();
    Tensor flat = target.reshape(target.elementCount());
    file.forEachChunk(
        name,
        CHUNK_BYTES,
        (offset, bytes) -> {
          long from = offset / width;
          check(file, name, target, from, bytes, expected);
          Tensor rows = flat.rows(from, from + bytes.remaining() / width);
          target.device().transfer().write(bytes, rows);
        });
  }

  /** Fills a tensor with finite numbers, or with any integers; throws as the other method does. */
  public static void read(SafetensorsFile file, String name, Tensor target) {
    read(file, name, target, target.dtype() == DType.I32 ? Values.anyInteger() : Values.finite());
  }

  private static void check(
      SafetensorsFile file,
      String name,
      Tensor target,
      long from,
      ByteBuffer bytes,
      Values expected) {
    try {
      expected.check(name, target.shape(), from, bytes);
    } catch (UserException e) {
      throw new UserException(file.path() + ": " + e.getMessage(), e);
    }
  }

  private static SafetensorsType type(DType dtype) {
    switch (dtype) {
      case F32:
        return SafetensorsType.F32;
      case BF16:
        return SafetensorsType.BF16;
      case I32:
        return SafetensorsType.I32;
      default:
        throw new AssertionError(dtype);
    }
  }
}
