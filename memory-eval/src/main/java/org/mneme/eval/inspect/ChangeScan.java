// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;

/** Compares a token memory with its snapshot, piece by piece. */
final class ChangeScan {
  private static final int CHUNK_TOKENS = 1 << 20;

  /** An entry and the number of its changed tokens. */
  private record Change(int entry, int tokens) {}

  private static final Comparator<Change> LEAST_CHANGED_FIRST =
      Comparator.comparingInt(Change::tokens)
          .thenComparing(Comparator.comparingInt(Change::entry).reversed());

  private final MemorySnapshot snapshot;
  private final TokenCodebook memory;
  private final int mostChanged;
  private final int width;
  private final PriorityQueue<Change> most = new PriorityQueue<>(LEAST_CHANGED_FIRST);
  private int changedEntries;
  private long changedTokens;
  private long distinctBefore;
  private long distinctNow;

  ChangeScan(MemorySnapshot snapshot, TokenCodebook memory, int mostChanged) {
    this.snapshot = snapshot;
    this.memory = memory;
    this.mostChanged = mostChanged;
    this.width = memory.width();
  }

  MemoryChanges run() {
    int chunk = Math.max(1, CHUNK_TOKENS / width);
    for (int from = 0; from < memory.entries(); from += chunk) {
      int to = Math.min(memory.entries(), from + chunk);
      try (Tensor rows = memory.bank().rows(from, to)) {
        compare(from, snapshot.tokens(from, to), memory.device().transfer().readInts(rows));
      }
    }
    double entries = memory.entries();
    return new MemoryChanges(
        memory.entries(),
        changedEntries,
        changedTokens / (entries * width),
        distinctBefore / entries,
        distinctNow / entries,
        ranking());
  }

  private void compare(int firstEntry, int[] before, int[] now) {
    for (int at = 0; at < now.length; at += width) {
      int changed = 0;
      for (int k = at; k < at + width; k++) {
        changed += before[k] != now[k] ? 1 : 0;
      }
      changedTokens += changed;
      changedEntries += changed > 0 ? 1 : 0;
      distinctBefore += distinct(before, at);
      distinctNow += distinct(now, at);
      rank(new Change(firstEntry + at / width, changed));
    }
  }

  /** Entries are short: looking back is cheaper than a set. */
  private int distinct(int[] tokens, int at) {
    int count = 0;
    for (int k = at; k < at + width; k++) {
      int earlier = at;
      while (tokens[earlier] != tokens[k]) {
        earlier++;
      }
      count += earlier == k ? 1 : 0;
    }
    return count;
  }

  private void rank(Change change) {
    if (change.tokens() == 0) {
      return;
    }
    most.add(change);
    if (most.size() > mostChanged) {
      most.poll();
    }
  }

  private List<Integer> ranking() {
    return most.stream().sorted(LEAST_CHANGED_FIRST.reversed()).map(Change::entry).toList();
  }
}
