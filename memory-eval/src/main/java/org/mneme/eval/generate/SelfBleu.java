// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import com.google.common.collect.Multiset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How alike texts are: BLEU-4 (Papineni et al. 2002) of each text with all others as references,
 * the mean over texts (Zhu et al., "Texygen", 2018). Where no n-gram of an order is in a reference
 * its count is taken as 0.1 (method 1 of Chen and Cherry 2014), so that one order alone does not
 * make a score zero; a text of fewer than four tokens has only as many orders.
 */
final class SelfBleu {
  private static final int LONGEST = 4;
  private static final double INSTEAD_OF_NONE = 0.1;

  private final List<List<Integer>> texts;
  private final List<Order> orders = new ArrayList<>();

  private SelfBleu(List<List<Integer>> texts) {
    this.texts = texts;
    for (int n = 1; n <= LONGEST; n++) {
      orders.add(new Order(texts, n));
    }
  }

  /** From 0 (nothing in common) to 1 (all the same); null if fewer than two texts have tokens. */
  static Double of(List<List<Integer>> all) {
    List<List<Integer>> texts = all.stream().filter(text -> !text.isEmpty()).toList();
    if (texts.size() < 2) {
      return null;
    }
    SelfBleu bleu = new SelfBleu(texts);
    double sum = 0;
    for (int text = 0; text < texts.size(); text++) {
      sum += bleu.ofText(text);
    }
    return sum / texts.size();
  }

  private double ofText(int text) {
    int length = texts.get(text).size();
    int longest = Math.min(LONGEST, length);
    double logarithms = 0;
    for (int n = 1; n <= longest; n++) {
      int matches = orders.get(n - 1).matches(text);
      double counted = matches == 0 ? INSTEAD_OF_NONE : matches;
      logarithms += Math.log(counted / (length - n + 1));
    }
    return brevityPenalty(text, length) * Math.exp(logarithms / longest);
  }

  /** Against the reference of the nearest length; of two the shorter. */
  private double brevityPenalty(int text, int length) {
    int nearest = 0;
    for (int other = 0; other < texts.size(); other++) {
      int candidate = texts.get(other).size();
      int difference = Math.abs(candidate - length) - Math.abs(nearest - length);
      boolean nearer = nearest == 0 || difference < 0 || (difference == 0 && candidate < nearest);
      if (other != text && nearer) {
        nearest = candidate;
      }
    }
    return length >= nearest ? 1 : Math.exp(1 - (double) nearest / length);
  }

  /**
   * The n-grams of all texts, with the two highest counts of each, so that a text can leave itself
   * out.
   */
  private static final class Order {
    private final List<Multiset<List<Integer>>> grams;
    private final Map<List<Integer>, int[]> highest = new HashMap<>();

    Order(List<List<Integer>> texts, int n) {
      grams = texts.stream().map(text -> NGrams.of(text, n)).toList();
      for (Multiset<List<Integer>> counts : grams) {
        counts.forEachEntry(this::note);
      }
    }

    private void note(List<Integer> gram, int count) {
      int[] two = highest.computeIfAbsent(gram, unknown -> new int[2]);
      if (count > two[0]) {
        two[1] = two[0];
        two[0] = count;
      } else if (count > two[1]) {
        two[1] = count;
      }
    }

    /** How many n-grams of a text are matched, each at most as often as one other text has it. */
    int matches(int text) {
      int sum = 0;
      for (Multiset.Entry<List<Integer>> own : grams.get(text).entrySet()) {
        int[] two = highest.get(own.getElement());
        int elsewhere = own.getCount() == two[0] ? two[1] : two[0];
        sum += Math.min(own.getCount(), elsewhere);
      }
      return sum;
    }
  }
}
