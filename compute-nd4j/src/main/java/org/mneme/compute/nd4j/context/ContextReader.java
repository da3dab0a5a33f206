// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.context;

import static org.mneme.compute.nd4j.host.Hash.GOLDEN;
import static org.mneme.compute.nd4j.host.Hash.mix;

import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Addresses contexts and reads their entries. */
final class ContextReader {
  /** Selections of a chunk. */
  private static final int CHUNK = 2048;

  private final HostRuntime host;

  ContextReader(HostRuntime host) {
    this.host = host;
  }

  void addresses(
      HostTensor ids, HostTensor lengths, long entries, HostTensor indices, HostTensor tags) {
    int slots = Math.toIntExact(lengths.elementCount());
    int sequence = Math.toIntExact(ids.shape().columns());
    int[] tokens = new int[Math.toIntExact(ids.elementCount())];
    int[] spans = new int[slots];
    ids.get(0, tokens, 0, tokens.length);
    lengths.get(0, spans, 0, slots);
    host.workers()
        .forRange(
            tokens.length,
            positions(slots),
            (from, to, worker) -> {
              int count = (int) (to - from) * slots;
              int[] at = host.tiles(worker).ints(0, count);
              int[] tag = host.tiles(worker).ints(1, count);
              for (int i = 0; i < count; i++) {
                int position = (int) from + i / slots;
                long hash = hash(tokens, position, position % sequence, spans[i % slots]);
                at[i] = (int) ((hash >>> 1) % entries);
                tag[i] = (int) mix(hash);
              }
              indices.put(from * slots, at, 0, count);
              tags.put(from * slots, tag, 0, count);
            });
  }

  private static int positions(int slots) {
    return Math.max(1, CHUNK / Math.max(1, slots));
  }

  /** The hash of the {@code length} tokens up to a position, of which {@code before} come first. */
  private static long hash(int[] tokens, int position, int before, int length) {
    long hash = mix(length);
    for (int j = 0; j < length; j++) {
      long token = j <= before ? tokens[position - j] : -1;
      hash = mix(hash + GOLDEN * (token + 2));
    }
    return hash;
  }

  /** Looks entries up; {@code sources} may be null, and is if the bank's origins are. */
  void lookUp(
      ContextBank bank,
      HostTensor indices,
      HostTensor tags,
      HostTensor sources,
      HostTensor tokens,
      HostTensor kinds) {
    int places = bank.places();
    int slots = Math.toIntExact(indices.shape().columns());
    host.workers()
        .forRange(
            indices.elementCount(),
            CHUNK,
            (from, to, worker) -> {
              int count = (int) (to - from);
              int[] at = host.tiles(worker).ints(0, count);
              int[] wanted = host.tiles(worker).ints(1, count);
              int[] read = host.tiles(worker).ints(2, count * places);
              int[] kind = host.tiles(worker).ints(3, count);
              int[] one = host.tiles(worker).ints(4, 1);
              indices.get(from, at, 0, count);
              tags.get(from, wanted, 0, count);
              for (int i = 0; i < count; i++) {
                bank.tokens().get((long) at[i] * places, read, i * places, places);
                bank.votes().get(at[i], kind, i, 1);
                bank.owners().get(at[i], one, 0, 1);
                kind[i] = one[0] == wanted[i] ? kind[i] : 0;
              }
              if (sources != null) {
                passOverOwn(bank, at, sources, from, slots, kind, count);
              }
              tokens.put(from * places, read, 0, count * places);
              kinds.put(from, kind, 0, count);
            });
  }

  /** What a position reads of itself counts for nothing. */
  private static void passOverOwn(
      ContextBank bank,
      int[] entries,
      HostTensor sources,
      long from,
      int slots,
      int[] kinds,
      int count) {
    int[] pair = new int[2];
    for (int i = 0; i < count; i++) {
      sources.get((from + i) / slots, pair, 0, 1);
      bank.origins().get(entries[i], pair, 1, 1);
      if (pair[0] != 0 && pair[0] == pair[1]) {
        kinds[i] = 0;
      }
    }
  }
}
