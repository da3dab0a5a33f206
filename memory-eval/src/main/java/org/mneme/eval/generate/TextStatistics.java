// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

import com.google.common.collect.Multiset;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Counts what {@link GenerationMetrics} tell. */
final class TextStatistics {
  private static final int REPEATED = 4;
  private static final int TIMES = 3;

  private final List<Generation> generations;
  private final List<List<Integer>> texts;

  private TextStatistics(List<Generation> generations) {
    this.generations = generations;
    this.texts = generations.stream().map(Generation::tokens).toList();
  }

  static GenerationMetrics of(List<Generation> generations) {
    return new TextStatistics(generations).metrics();
  }

  private GenerationMetrics metrics() {
    return new GenerationMetrics(
        texts.size(),
        mean(generations, text -> text.stopReason() == StopReason.END_TOKEN ? 1 : 0),
        mean(texts, List::size),
        distinct(1),
        distinct(2),
        meanOfLongEnough(REPEATED, TextStatistics::repetition),
        meanOfLongEnough(1, TextStatistics::longestLoop),
        SelfBleu.of(texts));
  }

  private static <T> double mean(List<T> list, ToDoubleFunction<T> value) {
    return list.stream().mapToDouble(value).average().orElse(0);
  }

  private Double distinct(int n) {
    Set<List<Integer>> different = new HashSet<>();
    long all = 0;
    for (List<Integer> text : texts) {
      Multiset<List<Integer>> grams = NGrams.of(text, n);
      different.addAll(grams.elementSet());
      all += grams.size();
    }
    return all == 0 ? null : (double) different.size() / all;
  }

  private Double meanOfLongEnough(int least, ToDoubleFunction<List<Integer>> value) {
    DoubleStream values = texts.stream().filter(text -> text.size() >= least).mapToDouble(value);
    OptionalDouble mean = values.average();
    return mean.isPresent() ? mean.getAsDouble() : null;
  }

  static double repetition(List<Integer> text) {
    Multiset<List<Integer>> grams = NGrams.of(text, REPEATED);
    return 1 - (double) grams.elementSet().size() / grams.size();
  }

  /**
   * The share of a text that its longest loop takes. Where each of r tokens is the one p places
   * before it, p + r tokens say the same over and over.
   */
  static double longestLoop(List<Integer> text) {
    int longest = 0;
    for (int period = 1; period * TIMES <= text.size(); period++) {
      int run = longestRun(text, period);
      if (run >= period * (TIMES - 1)) {
        longest = Math.max(longest, period + run);
      }
    }
    return (double) longest / text.size();
  }

  private static int longestRun(List<Integer> text, int period) {
    int longest = 0;
    int run = 0;
    for (int i = period; i < text.size(); i++) {
      run = text.get(i).equals(text.get(i - period)) ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }
}
