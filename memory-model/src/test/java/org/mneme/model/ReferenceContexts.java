// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory {@code context_token} as a map, from its description alone: an entry knows its owner
 * by the tokens of the context and not by a tag. Only the address of a context is a hash, since
 * what shares an entry is part of the behaviour.
 */
final class ReferenceContexts {
  private static final long PHI = 0x9E3779B97F4A7C15L;

  private final List<Integer> lengths;
  private final int entries;
  private final int places;
  private final int mostVotes;
  private final int frozen;
  private final Map<Integer, Entry> map = new HashMap<>();

  ReferenceContexts(List<Integer> lengths, int entries, int places, int mostVotes, int frozen) {
    this.lengths = lengths;
    this.entries = entries;
    this.places = places;
    this.mostVotes = mostVotes;
    this.frozen = frozen;
  }

  /** What an entry holds. */
  record Entry(List<Integer> context, List<Integer> tokens, int votes, int origin) {}

  /** The last {@code length} tokens up to a position, the newest first; −1 before the sequence. */
  private static List<Integer> context(List<Integer> sequence, int position, int length) {
    List<Integer> context = new ArrayList<>();
    for (int back = 0; back < length; back++) {
      context.add(position - back < 0 ? -1 : sequence.get(position - back));
    }
    return context;
  }

  private int address(List<Integer> context) {
    long hash = mix(context.size());
    for (int token : context) {
      hash = mix(hash + PHI * (token + 2));
    }
    return (int) ((hash >>> 1) % entries);
  }

  /** SplitMix64 (Steele, Lea and Flood 2014): the number that follows the state {@code x}. */
  private static long mix(long x) {
    long z = x + PHI;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * Finds the entry of a context.
   *
   * @param source of the position that asks, 0 if it is not known
   * @return null if the entry belongs to another context, is empty or was taken from the position
   */
  Entry find(List<Integer> sequence, int position, int slot, int source) {
    List<Integer> context = context(sequence, position, lengths.get(slot));
    Entry entry = map.get(address(context));
    boolean own = entry != null && source != 0 && entry.origin == source;
    return entry == null || own || !entry.context.equals(context) ? null : entry;
  }

  /** Reads sequences: of the contexts of one entry, the last one votes. */
  void read(List<List<Integer>> sequences, List<List<Integer>> sources, int excluded) {
    Map<Integer, Entry> candidates = new HashMap<>();
    for (int b = 0; b < sequences.size(); b++) {
      List<Integer> sequence = sequences.get(b);
      for (int t = 0; t + places < sequence.size(); t++) {
        List<Integer> following = List.copyOf(sequence.subList(t + 1, t + 1 + places));
        if (following.contains(excluded)) {
          continue;
        }
        for (int length : lengths) {
          List<Integer> context = context(sequence, t, length);
          if (address(context) >= frozen) {
            candidates.put(
                address(context), new Entry(context, following, 1, sources.get(b).get(t)));
          }
        }
      }
    }
    candidates.forEach((address, candidate) -> map.merge(address, candidate, this::vote));
  }

  private Entry vote(Entry now, Entry candidate) {
    boolean owner = now.context.equals(candidate.context);
    if (owner && candidate.origin != 0 && now.origin == candidate.origin) {
      return now;
    }
    if (owner && now.tokens.get(0).equals(candidate.tokens.get(0))) {
      int votes = Math.min(mostVotes, now.votes + 1);
      return new Entry(candidate.context, candidate.tokens, votes, candidate.origin);
    }
    return now.votes > 1
        ? new Entry(now.context, now.tokens, now.votes - 1, now.origin)
        : candidate;
  }

  /** The entry at an address, or null if it is empty. */
  Entry at(int address) {
    return map.get(address);
  }

  /** Entries that are not empty. */
  int filled() {
    return map.size();
  }
}
