// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.Arrays;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;

/** Writes token entries one after the other, many at a time. */
final class EntryWriter {
  private static final int BUFFERED_TOKENS = 1 << 18;

  private final TokenCodebook codebook;
  private final int[] buffer;
  private int buffered;
  private int flushed;

  EntryWriter(TokenCodebook codebook) {
    this.codebook = codebook;
    int length = codebook.width();
    int rows = Math.min(codebook.entries(), Math.max(1, BUFFERED_TOKENS / length));
    this.buffer = new int[Math.multiplyExact(rows, length)];
  }

  int written() {
    return flushed + buffered;
  }

  boolean isFull() {
    return written() == codebook.entries();
  }

  /** The next entry: K tokens of the sentence from {@code start} on, cycling through all of it. */
  void write(int[] sentence, int start) {
    int length = codebook.width();
    for (int place = 0; place < length; place++) {
      buffer[buffered * length + place] = sentence[(start + place) % sentence.length];
    }
    buffered++;
    if (buffered * length == buffer.length) {
      flush();
    }
  }

  void flush() {
    if (buffered == 0) {
      return;
    }
    int[] values = Arrays.copyOf(buffer, buffered * codebook.width());
    Tensor rows = codebook.bank().rows(flushed, (long) flushed + buffered);
    codebook.device().transfer().writeInts(values, rows);
    flushed += buffered;
    buffered = 0;
  }
}
