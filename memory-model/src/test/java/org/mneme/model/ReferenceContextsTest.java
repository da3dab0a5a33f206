// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.context.ContextConfig;
import org.mneme.memory.context.ContextMemory;

/** Holds the memory of contexts to a map of contexts, over random streams of tokens. */
class ReferenceContextsTest extends OnDevice {
  private static final int PADDING = 0;

  /** Few tokens and few entries: contexts return, entries are shared, owners change. */
  @ParameterizedTest
  @CsvSource({
    "5, 7, 1, 1, 0, true",
    "5, 97, 2, 3, 0, true",
    "3, 1009, 3, 4, 100, true",
    "9, 31, 1, 2, 7, false",
    "4, 4096, 2, 16, 0, true"
  })
  void entriesOwnersVotesAndOriginsAreThoseOfAMap(
      int vocabulary, int entries, int places, int votes, int frozen, boolean located) {
    List<Integer> lengths = List.of(1, 2, 4);
    ReferenceContexts map = new ReferenceContexts(lengths, entries, places, votes, frozen);
    SplittableRandom random = new SplittableRandom(vocabulary * 31L + entries);
    try (TokenCodebook codebook = TokenCodebook.allocate(device, entries, places);
        ContextMemory memory =
            new ContextMemory(new ContextConfig(lengths, votes, frozen), codebook)) {
      memory.keepOrigins();
      for (int round = 0; round < 60; round++) {
        int batch = random.nextInt(1, 4);
        int sequence = random.nextInt(1, 12);
        int[] ids = random.ints((long) batch * sequence, 0, vocabulary).toArray();
        // Places come again, as in a second epoch, and some are not known.
        int[] sources =
            located ? random.ints((long) batch * sequence, 0, 40).toArray() : new int[ids.length];
        checkLookUp(memory, map, ids, sources, batch, sequence, lengths.size(), places);
        remember(memory, map, ids, sources, batch, sequence);
        checkEntries(memory, codebook, map, entries, places);
      }
    }
  }

  private static List<Integer> part(int[] all, int sequence, int number) {
    return Arrays.stream(all, number * sequence, (number + 1) * sequence).boxed().toList();
  }

  private static void remember(
      ContextMemory memory,
      ReferenceContexts map,
      int[] ids,
      int[] sources,
      int batch,
      int sequence) {
    List<List<Integer>> texts = new ArrayList<>();
    List<List<Integer>> places = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      texts.add(part(ids, sequence, b));
      places.add(part(sources, sequence, b));
    }
    map.read(texts, places, PADDING);
    try (Tensor tokens = ints(ids, batch, sequence);
        Tensor known = ints(sources, sources.length)) {
      memory.remember(tokens, known, PADDING);
    }
  }

  private static void checkLookUp(
      ContextMemory memory,
      ReferenceContexts map,
      int[] ids,
      int[] sources,
      int batch,
      int sequence,
      int slots,
      int places) {
    try (Tensor tokens = ints(ids, batch, sequence);
        Tensor known = ints(sources, sources.length);
        Tensor indices = ints(new int[ids.length * slots], ids.length, slots);
        Tensor tags = ints(new int[ids.length * slots], ids.length, slots);
        Tensor read = ints(new int[ids.length * slots * places], ids.length, slots * places);
        Tensor kinds = ints(new int[ids.length * slots], ids.length, slots)) {
      memory.addresses(tokens, indices, tags);
      memory.lookUp(indices, tags, known, read, kinds);
      int[] foundKinds = device.transfer().readInts(kinds);
      int[] foundTokens = device.transfer().readInts(read);
      for (int i = 0; i < foundKinds.length; i++) {
        int n = i / slots;
        ReferenceContexts.Entry entry =
            map.find(part(ids, sequence, n / sequence), n % sequence, i % slots, sources[n]);
        assertThat(foundKinds[i]).as("votes found").isEqualTo(entry == null ? 0 : entry.votes());
        if (entry != null) {
          assertThat(Arrays.stream(foundTokens, i * places, (i + 1) * places).boxed())
              .isEqualTo(entry.tokens());
        }
      }
    }
  }

  private static void checkEntries(
      ContextMemory memory,
      TokenCodebook codebook,
      ReferenceContexts map,
      int entries,
      int places) {
    int[] votes = device.transfer().readInts(memory.votes());
    int[] tokens = device.transfer().readInts(codebook.bank());
    int[] origins = device.transfer().readInts(memory.origins().orElseThrow());
    for (int entry = 0; entry < entries; entry++) {
      ReferenceContexts.Entry expected = map.at(entry);
      assertThat(votes[entry]).as("votes").isEqualTo(expected == null ? 0 : expected.votes());
      if (expected != null) {
        assertThat(Arrays.stream(tokens, entry * places, (entry + 1) * places).boxed())
            .isEqualTo(expected.tokens());
        assertThat(origins[entry]).as("origin").isEqualTo(expected.origin());
      }
    }
    assertThat(Math.round(memory.filled() * entries)).isEqualTo(map.filled());
  }

  private static Tensor ints(int[] values, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.WORKSPACE, DType.I32, extents);
    device.transfer().writeInts(values, tensor);
    return tensor;
  }
}
