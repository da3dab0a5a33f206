// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.mneme.model.io.AtomicFile;

/**
 * Writes a safetensors file: first the tensors are declared, then {@link #write} streams them.
 *
 * <p>The same declarations give the same bytes: tensors lie in the order of declaration, those of
 * wider elements first so that each is aligned; metadata is sorted by key. The header is padded
 * with spaces to a multiple of 8 bytes. The file appears complete or not at all.
 *
 * <pre>{@code
 * new SafetensorsWriter()
 *     .metadata("format", "mneme")
 *     .tensor("weight", new long[] {2, 3}, values)
 *     .write(path);
 * }</pre>
 */
public final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 24;

  private final Map<String, String> metadata = new TreeMap<>();
  private final List<Declared> tensors = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** A tensor and its bytes; where it will lie is not known yet. */
  private record Declared(TensorEntry entry, Source source) {}

  /** Produces the bytes of one tensor when they are due. */
  @FunctionalInterface
  public interface Source {
    /** Gives all bytes of the tensor, little-endian and in order, to {@code sink}. */
    void writeTo(Sink sink) throws IOException;
  }

  /** Takes the bytes of a tensor. */
  public interface Sink {
    /**
     * A direct, little-endian buffer to fill and write as often as needed, empty at first. It is
     * the same for all tensors of a file: a new one for each would stay in memory until the garbage
     * collector comes, which is seldom.
     */
    ByteBuffer buffer();

    /** Writes all that remains in {@code bytes}; the buffer may be reused afterwards. */
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Adds, or replaces, a string of the file's metadata. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(checkText(key), checkText(value));
    return this;
  }

  /**
   * Declares a tensor.
   *
   * @param name unique in the file
   * @param shape dimensions, outermost first, each 0 or more
   * @param source called once by {@link #write}; must give exactly the bytes of this type and shape
   * @throws IllegalArgumentException if the name was used before or is reserved, or the shape is
   *     negative or too large
   */
  public SafetensorsWriter tensor(String name, SafetensorsType type, long[] shape, Source source) {
    Objects.requireNonNull(source, "source");
    TensorEntry entry = new TensorEntry(name, type, shape, 0);
    if (checkText(name).equals(SafetensorsHeader.METADATA) || !names.add(name)) {
      throw new IllegalArgumentException(
          "tensor " + name + ": found a name that is taken, expected a new one");
    }
    tensors.add(new Declared(entry, source));
    return this;
  }

  /** Declares an F32 tensor of the given values, which are read when the file is written. */
  public SafetensorsWriter tensor(String name, long[] shape, float[] values) {
    checkLength(name, shape, values.length);
    return tensor(
        name,
        SafetensorsType.F32,
        shape,
        sink -> {
          ByteBuffer chunk = sink.buffer();
          int most = chunk.capacity() / Float.BYTES;
          for (int from = 0; from < values.length; from += most) {
            int count = Math.min(most, values.length - from);
            chunk.clear().limit(count * Float.BYTES);
            chunk.asFloatBuffer().put(values, from, count);
            sink.write(chunk);
          }
        });
  }

  /** Declares an I32 tensor of the given values, which are read when the file is written. */
  public SafetensorsWriter tensor(String name, long[] shape, int[] values) {
    checkLength(name, shape, values.length);
    return tensor(
        name,
        SafetensorsType.I32,
        shape,
        sink -> {
          ByteBuffer chunk = sink.buffer();
          int most = chunk.capacity() / Integer.BYTES;
          for (int from = 0; from < values.length; from += most) {
            int count = Math.min(most, values.length - from);
            chunk.clear().limit(count * Integer.BYTES);
            chunk.asIntBuffer().put(values, from, count);
            sink.write(chunk);
          }
        });
  }

  /**
   * Writes the file, replacing what was there in one step.
   *
   * @throws IOException if it cannot be written
   * @throws IllegalStateException if a source gives more or fewer bytes than declared, or the
   *     header is longer than {@link SafetensorsFile#MAX_HEADER_BYTES}
   */
  public void write(Path path) throws IOException {
    List<Declared> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt((Declared tensor) -> -tensor.entry.type().bytes()));
    byte[] header = header(ordered);
    AtomicFile.write(
        path,
        channel -> {
          ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          AtomicFile.writeFully(channel, length.putLong(header.length).flip());
          AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
          ByteBuffer buffer = buffer(ordered);
          for (Declared tensor : ordered) {
            writeTensor(channel, tensor, buffer.clear());
          }
        });
  }

  /** As large as the largest tensor, if that is not too large. */
  private static ByteBuffer buffer(List<Declared> tensors) {
    long largest = tensors.stream().mapToLong(each -> each.entry.byteLength()).max().orElse(0);
    // On the heap: direct buffers stay until the collector runs, which a training hardly needs.
    return ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, largest)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void writeTensor(FileChannel channel, Declared tensor, ByteBuffer buffer)
      throws IOException {
    FileSink sink = new FileSink(channel, tensor, buffer, channel.position());
    tensor.source.writeTo(sink);
    if (sink.written() != tensor.entry.byteLength()) {
      throw wrongSize(tensor, sink.written() + " bytes");
    }
  }

  private record FileSink(FileChannel channel, Declared tensor, ByteBuffer buffer, long start)
      implements Sink {
    long written() throws IOException {
      return channel.position() - start;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      if (written() + bytes.remaining() > tensor.entry.byteLength()) {
        throw wrongSize(tensor, "more");
      }
      AtomicFile.writeFully(channel, bytes);
    }
  }

  private static IllegalStateException wrongSize(Declared tensor, String found) {
    return new IllegalStateException(
        String.format(
            Locale.ROOT,
            "tensor %s: found %s from its source, expected %d bytes",
            tensor.entry.name(),
            found,
            tensor.entry.byteLength()));
  }

  private byte[] header(List<Declared> ordered) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (Declared tensor : ordered) {
        long end = Math.addExact(begin, tensor.entry.byteLength());
        json.writeObjectFieldStart(tensor.entry.name());
        json.writeStringField("dtype", tensor.entry.type().name());
        writeLongs(json, "shape", tensor.entry.shape());
        writeLongs(json, "data_offsets", begin, end);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % Long.BYTES != 0) {
      bytes.write(' ');
    }
    if (bytes.size() > SafetensorsFile.MAX_HEADER_BYTES) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "header: found %d bytes, expected at most %d",
              bytes.size(),
              SafetensorsFile.MAX_HEADER_BYTES));
    }
    return bytes.toByteArray();
  }

  private static void writeLongs(JsonGenerator json, String field, long... values)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (long value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  private static void checkLength(String name, long[] shape, int length) {
    long size = TensorEntry.byteSize(SafetensorsType.U8, shape);
    if (size != length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tensor %s: found %d values, expected %d for its shape",
              name,
              length,
              size));
    }
  }

  /** Lone surrogates have no UTF-8 form: such a string would not come back as it was. */
  private static String checkText(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("found text with a lone surrogate, expected Unicode");
    }
    return text;
  }
}
