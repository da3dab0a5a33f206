// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * The gradient of reading token entries, summed on two levels: first over the selections of an
 * entry, then over the entries of a token, both in ascending order.
 */
final class TokenGradient {
  /** Elements of the sums of entries that are kept at a time. */
  private static final long SUM_ELEMENTS = 1L << 23;

  private static final int ENTRY_GRAIN = 32;
  private static final int TOKEN_GRAIN = 8;

  private final HostRuntime host;
  private final InvertedIndex entries = new InvertedIndex();
  private final InvertedIndex tokens = new InvertedIndex();

  TokenGradient(HostRuntime host) {
    this.host = host;
  }

  void add(HostTensor dOut, HostTensor bank, HostTensor indices, HostTensor dEmbeddings) {
    long count = indices.elementCount();
    int width = Math.toIntExact(dOut.shape().columns());
    int part = (int) Math.max(1, Math.min(count, SUM_ELEMENTS / Math.max(1, width)));
    for (long from = 0; from < count; from += part) {
      int selections = (int) Math.min(part, count - from);
      indices.get(from, entries.keys(selections), 0, selections);
      entries.build(selections, bank.shape().rows());
      HostTensor sums = sumEntries(dOut, from, width);
      indexTokens(bank, dEmbeddings.shape().rows());
      int places = Math.toIntExact(bank.shape().columns());
      addToTokens(dOut, from, sums, width, places, dEmbeddings);
    }
  }

  /** Sums of the entries with several selections; an entry with one is its selection's row. */
  private HostTensor sumEntries(HostTensor dOut, long firstRow, int width) {
    HostTensor sums = host.workspace().floats("token_gradient", (long) entries.groups() * width);
    host.workers()
        .forRange(
            entries.groups(),
            ENTRY_GRAIN,
            (from, to, worker) -> {
              FloatPointer source = dOut.floats(firstRow * width);
              FloatPointer sum = sums.floats(0);
              for (int group = (int) from; group < to; group++) {
                int first = entries.start(group);
                if (entries.start(group + 1) == first + 1) {
                  continue;
                }
                sum.position((long) group * width);
                source.position((long) entries.member(first) * width);
                host.blas().scopy(width, source, sum);
                for (int i = first + 1; i < entries.start(group + 1); i++) {
                  source.position((long) entries.member(i) * width);
                  host.blas().saxpy(width, 1f, source, sum);
                }
              }
            });
    return sums;
  }

  private void indexTokens(HostTensor bank, long vocabulary) {
    int places = Math.toIntExact(bank.shape().columns());
    int count = Math.multiplyExact(entries.groups(), places);
    int[] keys = tokens.keys(count);
    for (int group = 0; group < entries.groups(); group++) {
      bank.get((long) entries.key(group) * places, keys, group * places, places);
    }
    tokens.build(count, vocabulary);
  }

  private void addToTokens(
      HostTensor dOut, long firstRow, HostTensor sums, int width, int places, HostTensor target) {
    host.workers()
        .forRange(
            tokens.groups(),
            TOKEN_GRAIN,
            (from, to, worker) -> {
              FloatPointer single = dOut.floats(firstRow * width);
              FloatPointer several = sums.floats(0);
              FloatPointer sum = target.floats(0);
              for (int token = (int) from; token < to; token++) {
                sum.position((long) tokens.key(token) * width);
                int end = tokens.start(token + 1);
                for (int i = tokens.start(token); i < end; ) {
                  int group = tokens.member(i) / places;
                  int next = i + 1;
                  while (next < end && tokens.member(next) / places == group) {
                    next++;
                  }
                  int first = entries.start(group);
                  boolean alone = entries.start(group + 1) == first + 1;
                  FloatPointer source =
                      alone
                          ? single.position((long) entries.member(first) * width)
                          : several.position((long) group * width);
                  host.blas().saxpy(width, (float) (next - i) / places, source, sum);
                  i = next;
                }
              }
            });
  }
}
