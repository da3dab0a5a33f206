// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import java.util.List;

/** The pieces of n neighbouring tokens of a text, and how often each is there. */
final class NGrams {
  private NGrams() {}

  static Multiset<List<Integer>> of(List<Integer> tokens, int n) {
    Multiset<List<Integer>> grams = HashMultiset.create();
    for (int from = 0; from + n <= tokens.size(); from++) {
      grams.add(tokens.subList(from, from + n));
    }
    return grams;
  }
}
