// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Sums answers up.
 *
 * <p>What a model knows is measured as in Allen-Zhu and Li, "Physics of Language Models: Part 3.3,
 * Knowledge Capacity Scaling Laws" (2024), by the part of their bound that is about values: one who
 * knows nothing needs log₂ C bits for a value that is drawn uniformly from C, one who has the model
 * needs −log₂ p(value | prompt), and the difference must be in the model. Over N people
 *
 * <pre>bits = Σ over attributes of N · max(0, log₂ C − mean of −log₂ p(value | prompt))</pre>
 *
 * An attribute of which a model knows less than nothing, since it is not yet sure of the form of a
 * value, counts as 0. The part of the bound that is about names is left out.
 *
 * @param people N, of whom the answers are a sample
 * @param parameters all parameters of the model
 */
record Scores(int people, long parameters) {
  private static final double LN_2 = Math.log(2);

  /** By phrasing, those that were asked in. */
  List<PhrasingScore> of(List<FactAnswer> answers) {
    Map<Phrasing, List<FactAnswer>> byPhrasing =
        answers.stream().collect(Collectors.groupingBy(answer -> answer.fact().phrasing()));
    return Arrays.stream(Phrasing.values())
        .filter(byPhrasing::containsKey)
        .map(phrasing -> phrasing(phrasing, byPhrasing.get(phrasing)))
        .toList();
  }

  private PhrasingScore phrasing(Phrasing phrasing, List<FactAnswer> answers) {
    Map<String, List<FactAnswer>> byAttribute =
        answers.stream()
            .collect(
                Collectors.groupingBy(
                    answer -> answer.fact().attribute(), LinkedHashMap::new, Collectors.toList()));
    List<AttributeScore> attributes =
        byAttribute.entrySet().stream()
            .map(entry -> attribute(entry.getKey(), entry.getValue()))
            .toList();
    double bits = attributes.stream().mapToDouble(AttributeScore::bits).sum();
    return new PhrasingScore(
        phrasing,
        answers.size(),
        mean(answers, answer -> answer.recalled() ? 1 : 0),
        mean(answers, FactAnswer::rank),
        mean(answers, answer -> answer.rank() == 1 ? 1 : 0),
        mean(answers, FactAnswer::logProbability),
        bits,
        attributes.stream().mapToDouble(AttributeScore::possibleBits).sum(),
        bits / parameters,
        attributes);
  }

  private AttributeScore attribute(String attribute, List<FactAnswer> answers) {
    FactAnswer first = answers.get(0);
    double possible = Math.log(first.fact().choices()) / LN_2;
    double logProbability = mean(answers, FactAnswer::logProbability);
    return new AttributeScore(
        attribute,
        answers.size(),
        first.fact().choices(),
        mean(answers, answer -> answer.recalled() ? 1 : 0),
        mean(answers, FactAnswer::rank),
        mean(answers, answer -> answer.rank() == 1 ? 1 : 0),
        first.candidates(),
        logProbability,
        people * Math.max(0, possible + logProbability / LN_2),
        people * possible);
  }

  private static double mean(List<FactAnswer> answers, ToDoubleFunction<FactAnswer> value) {
    return answers.stream().mapToDouble(value).average().orElseThrow();
  }
}
