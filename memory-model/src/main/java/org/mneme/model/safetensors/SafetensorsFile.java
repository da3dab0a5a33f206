// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A safetensors file, open for reading.
 *
 * <p>Opening reads and checks the header only. Tensors are read in windows when they are asked for,
 * so that a file of any size needs little heap. They are not mapped: a mapped file that is
 * shortened by another process ends the JVM (SIGBUS), where a read reports the end of the file.
 *
 * <p>Safe for use by several threads.
 */
public final class SafetensorsFile implements AutoCloseable {
  /**
   * Longest header that is accepted. One of 100 layers has some 200 kB; the limit of the format's
   * own implementation, 100 MB, would let a file that is not trusted fill the heap.
   */
  public static final int MAX_HEADER_BYTES = 1 << 22;

  /** Most dimensions that a tensor can have. */
  public static final int MAX_DIMENSIONS = 8;

  private static final int PREFIX_BYTES = Long.BYTES;

  private final Path path;
  private final FileChannel channel;
  private final long dataStart;
  private final SafetensorsHeader header;
  private final Map<String, TensorEntry> byName;

  private SafetensorsFile(
      Path path, FileChannel channel, long dataStart, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.dataStart = dataStart;
    this.header = header;
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    header.tensors().forEach(entry -> entries.put(entry.name(), entry));
    this.byName = Collections.unmodifiableMap(entries);
  }

  /**
   * Opens and checks a file.
   *
   * @throws SafetensorsException if it is missing, cannot be read, or is not a valid safetensors
   *     file: a lying, oversized or malformed header, a duplicate name, an unknown type, a negative
   *     or overflowing shape, offsets that overlap, leave holes, leave the file or disagree with
   *     type and shape, missing or trailing bytes
   */
  public static SafetensorsFile open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw SafetensorsException.ofFile(
          path, Files.exists(path) ? "no regular file" : "no such file", "a safetensors file");
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      SafetensorsFile file = read(path, channel);
      channel = null;
      return file;
    } catch (IOException e) {
      throw unreadable(path, e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static SafetensorsFile read(Path path, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < PREFIX_BYTES) {
      throw SafetensorsException.ofFile(
          path, size + " bytes", "at least " + PREFIX_BYTES + ", the length of the header");
    }
    long length = readFully(channel, 0, PREFIX_BYTES).getLong();
    if (length < 2 || length > MAX_HEADER_BYTES || length > size - PREFIX_BYTES) {
      throw SafetensorsException.ofFile(
          path,
          "a header length of " + Long.toUnsignedString(length),
          "2 to "
              + Math.min(MAX_HEADER_BYTES, Math.max(2, size - PREFIX_BYTES))
              + " in a file of "
              + size
              + " bytes");
    }
    byte[] json = readFully(channel, PREFIX_BYTES, (int) length).array();
    long dataStart = PREFIX_BYTES + length;
    SafetensorsHeader header = SafetensorsHeader.parse(path, json, size - dataStart);
    return new SafetensorsFile(path, channel, dataStart, header);
  }

  /** The file, as it was given to {@link #open}. */
  public Path path() {
    return path;
  }

  /** The strings of {@code __metadata__}, in the order of the file; empty if there are none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** All tensors, in the order of their bytes. */
  public List<TensorEntry> tensors() {
    return header.tensors();
  }

  /** The tensor of that name, if the file has one. */
  public Optional<TensorEntry> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * The tensor of that name.
   *
   * @throws SafetensorsException if the file has none
   */
  public TensorEntry require(String name) {
    TensorEntry entry = byName.get(name);
    if (entry == null) {
      throw SafetensorsException.ofTensor(
          path, name, "no tensor of that name", "one of the file's " + byName.size());
    }
    return entry;
  }

  /**
   * The tensor of that name, which must have this type and shape.
   *
   * @throws SafetensorsException if the file has none, or one of another type or shape
   */
  public TensorEntry require(String name, SafetensorsType type, long... shape) {
    TensorEntry entry = require(name);
    TensorEntry wanted = new TensorEntry(name, type, shape, 0);
    if (!entry.describe().equals(wanted.describe())) {
      throw SafetensorsException.ofTensor(path, name, entry.describe(), wanted.describe());
    }
    return entry;
  }

  /**
   * Reads {@code length} bytes of a tensor, from its byte {@code offset} on.
   *
   * @return a read-only little-endian buffer of its own
   * @throws IndexOutOfBoundsException if the range leaves the tensor
   * @throws SafetensorsException if the file has no such tensor or can no longer be read
   */
  public ByteBuffer slice(String name, long offset, int length) {
    TensorEntry entry = require(name);
    Objects.checkFromIndexSize(offset, (long) length, entry.byteLength());
    return read(entry, offset, ByteBuffer.allocate(length));
  }

  /** Fills a window with the bytes of a tensor from an offset on. */
  private ByteBuffer read(TensorEntry entry, long offset, ByteBuffer window) {
    try {
      readFully(channel, dataStart + entry.begin() + offset, window);
      return window.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    } catch (EOFException e) {
      throw SafetensorsException.ofTensor(
          path,
          entry.name(),
          "a file that was shortened after it was opened",
          entry.byteLength() + " bytes of data");
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /**
   * Gives the bytes of a tensor to {@code consumer}, in order, in chunks of at most {@code
   * maxBytes} (and never more than 1 GiB) that hold whole elements. An empty tensor gives none.
   *
   * @throws IllegalArgumentException if {@code maxBytes} is less than one element
   * @throws SafetensorsException if the file has no such tensor or can no longer be read
   */
  public void forEachChunk(String name, int maxBytes, ChunkConsumer consumer) {
    TensorEntry entry = require(name);
    int width = entry.type().bytes();
    int step = Math.min(maxBytes, 1 << 30) / width * width;
    if (step <= 0) {
      throw new IllegalArgumentException(
          "maxBytes: expected at least " + width + ", one " + entry.type() + ", got " + maxBytes);
    }
    ByteBuffer window = ByteBuffer.allocate((int) Math.min(step, entry.byteLength()));
    for (long offset = 0; offset < entry.byteLength(); offset += step) {
      window.clear().limit((int) Math.min(step, entry.byteLength() - offset));
      consumer.accept(offset, read(entry, offset, window));
    }
  }

  /** Takes one chunk of a tensor. */
  @FunctionalInterface
  public interface ChunkConsumer {
    /**
     * Takes a chunk.
     *
     * @param offset its first byte, counted from the start of the tensor
     * @param bytes its bytes, little-endian and read-only; valid until this method returns
     */
    void accept(long offset, ByteBuffer bytes);
  }

  /**
   * All elements of a floating-point tensor, F16 and BF16 widened exactly, F64 rounded to float.
   *
   * @throws SafetensorsException if there is no such tensor, its type is not a floating-point one,
   *     or it has more elements than an array can hold
   */
  public float[] readFloats(String name) {
    return TensorValues.floats(this, require(name));
  }

  /**
   * All elements of an integer tensor (I8, U8, I16, U16, I32, or U32 and I64 whose values fit).
   *
   * @throws SafetensorsException if there is no such tensor, its type is not one of these, a value
   *     does not fit an {@code int}, or it has more elements than an array can hold
   */
  public int[] readInts(String name) {
    return TensorValues.ints(this, require(name));
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }

  private static ByteBuffer readFully(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, position, buffer);
    return buffer;
  }

  /** Fills what remains of a buffer, which is then at its start again. */
  private static void readFully(FileChannel channel, long position, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("end of file at byte " + (position + buffer.position()));
      }
    }
    buffer.flip();
  }

  private static SafetensorsException unreadable(Path path, IOException e) {
    return new SafetensorsException(
        path + ": found a file that cannot be read (" + e + "), expected a safetensors file", e);
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was written: there is nothing to lose.
    }
  }
}
