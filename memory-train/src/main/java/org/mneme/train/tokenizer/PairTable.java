// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The pairs of neighbouring tokens: how often each occurs, in which words, and which occurs most.
 *
 * <p>Counts move at every merge. Instead of finding a pair in the queue and moving it, a rise
 * enters it again and a fall is noticed when its old entry comes out.
 */
final class PairTable {

  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Entry> queue = new PriorityQueue<>();

  /** Adds to (or takes from) the count of a pair that occurs in a word. */
  void add(int left, int right, long change, int word) {
    long key = key(left, right);
    Pair pair = pairs.computeIfAbsent(key, absent -> new Pair(left, right));
    pair.count += change;
    if (change > 0) {
      pair.addWord(word);
    } else if (pair.count == 0) {
      pairs.remove(key);
    }
  }

  /** Enters a pair with its present count, after one that has risen. */
  void enqueue(long key) {
    Pair pair = pairs.get(key);
    if (pair != null) {
      queue.add(new Entry(pair.count, pair));
    }
  }

  /** Enters all pairs. */
  void enqueueAll() {
    pairs.keySet().forEach(this::enqueue);
  }

  /**
   * Takes out the pair that occurs most (of several the one with the lower left id, then the lower
   * right id), or null where there is none left. Its count stays until its words are rewritten.
   */
  Pair poll() {
    while (!queue.isEmpty()) {
      Entry entry = queue.poll();
      long count = entry.pair.count;
      if (count == entry.count) {
        return entry.pair;
      }
      if (count > 0 && count < entry.count) {
        queue.add(new Entry(count, entry.pair));
      }
    }
    return null;
  }

  static long key(int left, int right) {
    return ((long) left << 32) | right;
  }

  /** A pair of token ids. */
  static final class Pair {
    final int left;
    final int right;
    private long count;
    private int[] words = new int[2];
    private int size;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }

    /** Returns how often the pair occurs. */
    long count() {
      return count;
    }

    /**
     * Returns the words in which the pair has occurred; some may have lost it, or be there twice.
     */
    int[] words() {
      return Arrays.copyOf(words, size);
    }

    private void addWord(int word) {
      if (size > 0 && words[size - 1] == word) {
        return;
      }
      if (size == words.length) {
        words = Arrays.copyOf(words, 2 * size);
      }
      words[size++] = word;
    }
  }

  private record Entry(long count, Pair pair) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      if (count != other.count) {
        return Long.compare(other.count, count);
      }
      int byLeft = Integer.compare(pair.left, other.pair.left);
      return byLeft != 0 ? byLeft : Integer.compare(pair.right, other.pair.right);
    }
  }
}
