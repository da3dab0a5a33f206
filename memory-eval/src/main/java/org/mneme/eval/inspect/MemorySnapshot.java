// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.Codebook;
import org.mneme.memory.state.Values;
import org.mneme.model.LanguageModel;
import org.mneme.model.TensorFile;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.safetensors.SafetensorsException;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.SafetensorsType;
import org.mneme.model.safetensors.TensorEntry;

/**
 * The entries of a token memory as they were at some time, in a safetensors file with the one
 * tensor {@code memory_bank} [M, K] I32. A checkpoint's {@code model.safetensors} serves as well.
 * Entries are read from the file when they are asked for.
 */
public final class MemorySnapshot implements AutoCloseable {
  private static final String BANK = MemoryEntries.NAME;
  private static final int CHUNK_BYTES = 1 << 20;

  private final SafetensorsFile file;
  private final int entries;
  private final int width;

  private MemorySnapshot(SafetensorsFile file, int entries, int width) {
    this.file = file;
    this.entries = entries;
    this.width = width;
  }

  /**
   * Writes the present entries of a model, tokens or vectors, replacing the file in one step.
   *
   * @throws IllegalStateException if the model has no memory
   */
  public static void write(LanguageModel model, Path path) throws IOException {
    Tensor bank = model.memory().map(Codebook::bank).orElseThrow(MemorySnapshot::noMemory);
    TensorFile.write(path, Map.of(BANK, bank));
  }

  private static IllegalStateException noMemory() {
    return new IllegalStateException("this model has no memory of which a snapshot could be kept");
  }

  /**
   * Opens a snapshot of tokens and checks all of them.
   *
   * @param path of the file
   * @param vocabularySize of the model whose entries they were
   * @throws UserException if the file is missing, is no safetensors file, has no token memory, or
   *     has a token id outside of the vocabulary
   */
  public static MemorySnapshot open(Path path, long vocabularySize) {
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      TensorEntry bank = file.require(BANK);
      long[] shape = bank.shape();
      boolean tokens =
          bank.type() == SafetensorsType.I32
              && shape.length == 2
              && shape[0] >= 1
              && shape[0] <= Integer.MAX_VALUE
              && shape[1] >= 1;
      if (!tokens) {
        throw new UserException(
            path + ": tensor '" + BANK + "' is " + bank.describe() + ", expected I32[M, K]");
      }
      requireTokens(file, Shape.of(shape), vocabularySize);
      return new MemorySnapshot(file, (int) shape[0], Math.toIntExact(shape[1]));
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void requireTokens(SafetensorsFile file, Shape shape, long vocabularySize) {
    Values ids = Values.integers("a token id", 0, vocabularySize);
    try {
      file.forEachChunk(
          BANK,
          CHUNK_BYTES,
          (offset, bytes) -> ids.check(BANK, shape, offset / Integer.BYTES, bytes));
    } catch (SafetensorsException e) {
      throw e;
    } catch (UserException e) {
      throw new UserException(file.path() + ": " + e.getMessage(), e);
    }
  }

  /** M. */
  public int entries() {
    return entries;
  }

  /** K, the tokens of an entry. */
  public int width() {
    return width;
  }

  /** The tokens of entries {@code from} to {@code to - 1}, one after the other. */
  public int[] tokens(int from, int to) {
    Objects.checkFromToIndex(from, to, entries);
    long offset = (long) from * width * Integer.BYTES;
    int[] tokens = new int[Math.multiplyExact(to - from, width)];
    ByteBuffer bytes = file.slice(BANK, offset, Math.multiplyExact(tokens.length, Integer.BYTES));
    bytes.asIntBuffer().get(tokens);
    return tokens;
  }

  /** The tokens of one entry. */
  public int[] tokens(int entry) {
    return tokens(entry, entry + 1);
  }

  /**
   * Refuses a snapshot of a memory of another shape.
   *
   * @throws UserException naming both shapes
   */
  void requireShapeOf(Codebook memory) {
    if (entries != memory.entries() || width != memory.width()) {
      throw new UserException(
          file.path()
              + ": snapshot of "
              + entries
              + " entries of "
              + width
              + " tokens, expected "
              + memory.entries()
              + " of "
              + memory.width()
              + ", as the model has");
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
