// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The weightiest places of one entry, in space for a fixed number. Places that show the same tokens
 * up to the marked one are one place, the weightiest of them: a passage that several layers select
 * for, or that the corpus repeats, is told once. Of equals the first in the text wins.
 */
final class TopContexts {
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparingDouble(Candidate::weight)
          .reversed()
          .thenComparingLong(Candidate::document)
          .thenComparingInt(Candidate::place)
          .thenComparingInt(Candidate::layer)
          .thenComparingInt(Candidate::head);

  private final int capacity;
  private final List<Candidate> best = new ArrayList<>();

  /** Nothing yet, of at most {@code capacity} places. */
  TopContexts(int capacity) {
    this.capacity = capacity;
  }

  /** A selection. */
  record Candidate(Excerpt excerpt, float weight, int layer, int head, long document, int place) {}

  /**
   * Whether a place of this weight could still be kept, so that most are refused at little cost.
   */
  boolean couldTake(float weight) {
    return capacity > 0 && (best.size() < capacity || weight >= best.get(best.size() - 1).weight());
  }

  void add(Candidate candidate) {
    for (int i = 0; i < best.size(); i++) {
      if (best.get(i).excerpt().readsLike(candidate.excerpt())) {
        if (BEST_FIRST.compare(candidate, best.get(i)) < 0) {
          best.set(i, candidate);
          best.sort(BEST_FIRST);
        }
        return;
      }
    }
    best.add(candidate);
    best.sort(BEST_FIRST);
    if (best.size() > capacity) {
      best.remove(capacity);
    }
  }

  List<Candidate> best() {
    return best;
  }
}
