// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Byte-level BPE encoding in Java. It gives the same ids as Hugging Face's, and knows of no special
 * tokens: their names are text like any other.
 */
final class ByteLevelBpe {

  private static final int NONE = -1;

  private final PreTokenizer preTokenizer = new PreTokenizer();
  private final int[] idOfByte = new int[256];

  /** By {@link PairTable#key} of two ids, the rank of their merge and the id that it gives. */
  private final Map<Long, Merge> merges = new HashMap<>();

  /**
   * An encoder.
   *
   * @param ids id of every token, written in the byte alphabet
   * @param merges left and right token of every merge, the one to be applied first in front
   */
  ByteLevelBpe(Map<String, Integer> ids, List<String[]> merges) {
    ByteAlphabet alphabet = new ByteAlphabet();
    for (int b = 0; b < 256; b++) {
      idOfByte[b] = id(ids, String.valueOf(alphabet.character(b)));
    }
    for (int rank = 0; rank < merges.size(); rank++) {
      String left = merges.get(rank)[0];
      String right = merges.get(rank)[1];
      long key = PairTable.key(id(ids, left), id(ids, right));
      this.merges.putIfAbsent(key, new Merge(rank, id(ids, left + right)));
    }
  }

  private static int id(Map<String, Integer> ids, String token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new IllegalArgumentException("the vocabulary has no token \"" + token + "\"");
    }
    return id;
  }

  /** Encodes a text; unpaired surrogates are encoded as "?". */
  int[] encode(String text) {
    IntStream.Builder ids = IntStream.builder();
    preTokenizer.split(text, (start, end) -> encodePiece(text.substring(start, end), ids));
    return ids.build().toArray();
  }

  private void encodePiece(String piece, IntStream.Builder ids) {
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      symbols[i] = idOfByte[bytes[i] & 0xff];
    }
    new Piece(symbols).merge();
    for (int symbol : symbols) {
      if (symbol != NONE) {
        ids.add(symbol);
      }
    }
  }

  private record Merge(int rank, int id) {}

  /** A merge that is possible at a place: lower ranks first, then from left to right. */
  private record Candidate(Merge merge, int left, int right, int leftId, int rightId)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byRank = Integer.compare(merge.rank, other.merge.rank);
      return byRank != 0 ? byRank : Integer.compare(left, other.left);
    }
  }

  /**
   * The symbols of a piece as a linked list, so that a piece of n bytes takes n log n and not n².
   */
  private final class Piece {
    private final int[] symbols;
    private final int[] previous;
    private final int[] next;
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>();

    /**
     * Symbols that {@link #merge()} replaces in place, with {@link #NONE} for those that vanish.
     */
    Piece(int[] symbols) {
      this.symbols = symbols;
      this.previous = new int[symbols.length];
      this.next = new int[symbols.length];
      Arrays.setAll(previous, i -> i - 1);
      Arrays.setAll(next, i -> i + 1 < symbols.length ? i + 1 : NONE);
    }

    void merge() {
      for (int i = 0; i + 1 < symbols.length; i++) {
        offer(i, i + 1);
      }
      while (!candidates.isEmpty()) {
        Candidate candidate = candidates.poll();
        // One of the two may have been merged with its other neighbour in the meantime.
        if (symbols[candidate.left] == candidate.leftId
            && next[candidate.left] == candidate.right
            && symbols[candidate.right] == candidate.rightId) {
          apply(candidate);
        }
      }
    }

    private void apply(Candidate candidate) {
      int left = candidate.left;
      int after = next[candidate.right];
      symbols[left] = candidate.merge.id;
      symbols[candidate.right] = NONE;
      next[left] = after;
      if (after != NONE) {
        previous[after] = left;
        offer(left, after);
      }
      if (previous[left] != NONE) {
        offer(previous[left], left);
      }
    }

    private void offer(int left, int right) {
      Merge merge = merges.get(PairTable.key(symbols[left], symbols[right]));
      if (merge != null) {
        candidates.add(new Candidate(merge, left, right, symbols[left], symbols[right]));
      }
    }
  }
}
