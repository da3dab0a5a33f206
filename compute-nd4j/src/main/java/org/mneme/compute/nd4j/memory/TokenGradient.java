// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * The gradient of reading token entries.
 *
 * <p>Every task goes through all selections in order and adds to the tokens of its class only. So
 * the gradients are read as they lie in memory, and each token's sum has the same order whatever
 * the number of classes; grouping the selections by token first was measured to take twice as long.
 */
final class TokenGradient {
  private static final int GATHER_GRAIN = 256;

  /** More classes than threads, as some tokens are far more frequent than others. */
  private static final int CLASSES_PER_WORKER = 2;

  private final HostRuntime host;
  private int[] tokens = new int[0];

  TokenGradient(HostRuntime host) {
    this.host = host;
  }

  void add(HostTensor dOut, HostTensor bank, HostTensor indices, HostTensor dEmbeddings) {
    int count = Math.toIntExact(indices.elementCount());
    int places = Math.toIntExact(bank.shape().columns());
    gatherTokens(bank, indices, count, places);
    int workers = host.workers().count();
    // A power of two, for a cheap remainder; the sums do not depend on it.
    int classes = workers == 1 ? 1 : Integer.highestOneBit(CLASSES_PER_WORKER * workers);
    host.workers()
        .forRange(
            classes,
            1,
            (from, to, worker) ->
                addClass((int) from, classes - 1, dOut, count, places, dEmbeddings));
  }

  /** The tokens of each selection in ascending order, so that equal ones can be added at once. */
  private void gatherTokens(HostTensor bank, HostTensor indices, int count, int places) {
    int length = Math.multiplyExact(count, places);
    if (tokens.length < length) {
      tokens = new int[length];
    }
    host.workers()
        .forRange(
            count,
            GATHER_GRAIN,
            (from, to, worker) -> {
              int rows = (int) (to - from);
              int[] entries = host.tiles(worker).ints(0, rows);
              indices.get(from, entries, 0, rows);
              for (int r = 0; r < rows; r++) {
                int at = ((int) from + r) * places;
                bank.get((long) entries[r] * places, tokens, at, places);
                Arrays.sort(tokens, at, at + places);
              }
            });
  }

  private void addClass(
      int number, int mask, HostTensor dOut, int count, int places, HostTensor dEmbeddings) {
    int width = Math.toIntExact(dOut.shape().columns());
    FloatPointer source = dOut.floats(0);
    FloatPointer sum = dEmbeddings.floats(0);
    for (int r = 0; r < count; r++) {
      source.position((long) r * width);
      int end = (r + 1) * places;
      for (int k = r * places; k < end; ) {
        int token = tokens[k];
        int first = k++;
        while (k < end && tokens[k] == token) {
          k++;
        }
        if ((token & mask) == number) {
          sum.position((long) token * width);
          host.blas().saxpy(width, (float) (k - first) / places, source, sum);
        }
      }
    }
  }
}
