// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Reads entries that are token ids: each the mean of its tokens' embeddings. */
final class TokenDecoder {
  /** Entries that a thread takes at a time. */
  private static final int GRAIN = 32;

  private final HostRuntime host;
  private final InvertedIndex entries = new InvertedIndex();

  TokenDecoder(HostRuntime host) {
    this.host = host;
  }

  /** Decodes each distinct entry once, in the place of its first selection. */
  void decode(HostTensor embeddings, HostTensor bank, HostTensor indices, HostTensor out) {
    int width = Math.toIntExact(embeddings.shape().columns());
    int places = Math.toIntExact(bank.shape().columns());
    int count = Math.toIntExact(indices.elementCount());
    indices.get(0, entries.keys(count), 0, count);
    entries.build(count, bank.shape().rows());
    host.workers()
        .forRange(
            entries.groups(),
            GRAIN,
            (from, to, worker) -> {
              int[] tokens = host.tiles(worker).ints(0, places);
              float[] zeros = host.tiles(worker).floats(0, width);
              Arrays.fill(zeros, 0, width, 0f);
              FloatPointer source = embeddings.floats(0);
              FloatPointer target = out.floats(0);
              FloatPointer copy = out.floats(0);
              for (int group = (int) from; group < to; group++) {
                long first = (long) entries.member(entries.start(group)) * width;
                bank.get((long) entries.key(group) * places, tokens, 0, places);
                out.put(first, zeros, 0, width);
                target.position(first);
                addMean(source, tokens, places, width, target);
                for (int i = entries.start(group) + 1; i < entries.start(group + 1); i++) {
                  copy.position((long) entries.member(i) * width);
                  host.blas().scopy(width, target, copy);
                }
              }
            });
  }

  /** Writes the selections that {@link #decode} has just read, sorted by entry. */
  void writeOrder(HostTensor order) {
    entries.writeOrder(order);
  }

  /** Equal tokens, of which collapsed entries are full, are added at once. */
  private void addMean(
      FloatPointer embeddings, int[] tokens, int places, int width, FloatPointer sum) {
    Arrays.sort(tokens, 0, places);
    for (int k = 0; k < places; ) {
      int next = k + 1;
      while (next < places && tokens[next] == tokens[k]) {
        next++;
      }
      embeddings.position((long) tokens[k] * width);
      host.blas().saxpy(width, (float) (next - k) / places, embeddings, sum);
      k = next;
    }
  }
}
