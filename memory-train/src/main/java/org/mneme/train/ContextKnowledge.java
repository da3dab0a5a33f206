// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.context.ContextMemory;
import org.mneme.model.TextCodec;
import org.mneme.train.data.DocumentSet;

/** Lets a memory that is addressed by text read sentences, before any training. */
final class ContextKnowledge implements AutoCloseable {
  private static final int ROWS = 64;

  private final ContextMemory memory;
  private final TextCodec codec;
  private final int sequence;
  private final Tensor ids;
  private final int[] rows;
  private int filled;

  /**
   * A reader.
   *
   * @param sequence tokens that are read at once; longer sentences are cut into pieces
   */
  ContextKnowledge(Device device, ContextMemory memory, TextCodec codec, int sequence) {
    this.memory = memory;
    this.codec = codec;
    this.sequence = sequence;
    this.ids = device.allocate(MemoryTag.WORKSPACE, DType.I32, ROWS, sequence);
    this.rows = new int[ROWS * sequence];
    Arrays.fill(rows, codec.padId());
  }

  /** Reads all sentences, each between begin and end, in their order. */
  void read(DocumentSet sentences) {
    for (int number = 0; number < sentences.size(); number++) {
      int[] tokens = sentences.tokens(number);
      int[] text = new int[tokens.length + 2];
      text[0] = codec.beginId();
      System.arraycopy(tokens, 0, text, 1, tokens.length);
      text[text.length - 1] = codec.endId();
      for (int from = 0; from < text.length; from += sequence) {
        add(text, from, Math.min(text.length - from, sequence));
      }
    }
    flush();
  }

  private void add(int[] text, int from, int length) {
    System.arraycopy(text, from, rows, filled * sequence, length);
    filled++;
    if (filled == ROWS) {
      flush();
    }
  }

  private void flush() {
    if (filled > 0) {
      ids.device().transfer().writeInts(rows, ids);
      memory.remember(ids, null, codec.padId());
      Arrays.fill(rows, codec.padId());
      filled = 0;
    }
  }

  @Override
  public void close() {
    ids.close();
  }
}
