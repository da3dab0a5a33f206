// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.mneme.eval.generate.SplitMix64;

/** The answers among which the right one is ranked. */
final class Candidates {
  private final Map<String, List<String>> values;
  private final int most;

  /**
   * Takes the answers that facts have for each attribute.
   *
   * @param most candidates of a question, the right answer included
   */
  Candidates(List<Fact> facts, int most) {
    this.most = most;
    Map<String, Set<String>> distinct =
        facts.stream()
            .collect(
                Collectors.groupingBy(
                    Fact::attribute,
                    TreeMap::new,
                    Collectors.mapping(Fact::value, Collectors.toCollection(TreeSet::new))));
    values = new TreeMap<>();
    distinct.forEach((attribute, set) -> values.put(attribute, List.copyOf(set)));
  }

  /** The right answer first, then others, each once: all there are, or a sample by the question. */
  List<String> of(Fact fact) {
    List<String> all = values.get(fact.attribute());
    Set<String> chosen = new LinkedHashSet<>(Collections.singleton(fact.value()));
    if (all.size() <= most) {
      chosen.addAll(all);
    } else {
      SplitMix64 random = SplitMix64.of(fact.prompt().hashCode());
      while (chosen.size() < most) {
        chosen.add(all.get(random.nextInt(all.size())));
      }
    }
    return new ArrayList<>(chosen);
  }
}
