// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.TextEvaluation;
import org.mneme.eval.facts.Phrasing;
import org.mneme.eval.facts.PhrasingScore;
import org.mneme.model.config.JsonConfig;

/**
 * What came out of one system with one seed.
 *
 * @param evaluation what was measured of the model
 * @param cost what it took
 */
record RunResult(Evaluation evaluation, RunCost cost) {

  /**
   * The result that a run's folder holds, if the run was finished: its evaluation is written last.
   *
   * @throws org.mneme.compute.UserException if a file is damaged
   */
  static Optional<RunResult> read(Path folder) {
    Path evaluation = folder.resolve(Evaluation.FILE);
    Path cost = folder.resolve(RunCost.FILE);
    return Files.exists(evaluation) && Files.exists(cost)
        ? Optional.of(
            new RunResult(Evaluation.read(evaluation), new JsonConfig().read(cost, RunCost.class)))
        : Optional.empty();
  }

  /** The most important numbers, for a line on the console. */
  String inWords() {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "loss %.3f", text().loss()));
    knockOut()
        .ifPresent(nats -> line.append(String.format(Locale.ROOT, ", reads worth %.3f", nats)));
    recall(Phrasing.TRAIN, true)
        .ifPresent(
            share -> line.append(String.format(Locale.ROOT, ", facts %.1f %%", 100 * share)));
    return line.append(
            String.format(
                Locale.ROOT,
                "; %,.0f tokens/s, %.1f s and %.1f s of evaluation",
                cost.tokensPerSecond(),
                cost.trainSeconds(),
                cost.evaluationSeconds()))
        .toString();
  }

  private TextEvaluation text() {
    return evaluation.text();
  }

  /** The loss on held-out text, nats per token. */
  OptionalDouble loss() {
    return OptionalDouble.of(text().loss());
  }

  /** What reads contribute: the loss without them less the loss. */
  OptionalDouble knockOut() {
    Double without = text().lossWithoutReads();
    return without == null ? OptionalDouble.empty() : OptionalDouble.of(without - text().loss());
  }

  /** The share of the entries that were selected, 0 to 1. */
  OptionalDouble used() {
    return text().usage() == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(text().usage().usedAny());
  }

  /** The share of the unfrozen entries that updates touched, 0 to 1. */
  OptionalDouble coverage() {
    return evaluation.usageOverTime().stream()
        .map(MemoryUse::updateCoverage)
        .filter(coverage -> coverage != null)
        .mapToDouble(Double::doubleValue)
        .reduce((first, last) -> last);
  }

  /** The share of facts that are recalled exactly, 0 to 1. */
  OptionalDouble recall(Phrasing phrasing, boolean withReads) {
    return phrasings(phrasing, withReads).map(PhrasingScore::exactRecall).stream()
        .mapToDouble(Double::doubleValue)
        .findFirst();
  }

  /** What is known of the facts in the words of the training text, bits. */
  OptionalDouble bits() {
    return phrasings(Phrasing.TRAIN, true).map(PhrasingScore::bits).stream()
        .mapToDouble(Double::doubleValue)
        .findFirst();
  }

  private Optional<PhrasingScore> phrasings(Phrasing phrasing, boolean withReads) {
    return Optional.ofNullable(evaluation.facts())
        .map(facts -> withReads ? facts.phrasings() : facts.withoutReads())
        .flatMap(
            scores -> scores.stream().filter(score -> score.phrasing() == phrasing).findFirst());
  }

  /** The share of texts that the model ended by itself, 0 to 1. */
  OptionalDouble endTokenRate() {
    return evaluation.generation() == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(evaluation.generation().metrics().endTokenRate());
  }

  /** Different pairs of neighbours over all pairs in what it writes, 0 to 1. */
  OptionalDouble distinct2() {
    Double pairs =
        evaluation.generation() == null ? null : evaluation.generation().metrics().distinct2();
    return pairs == null ? OptionalDouble.empty() : OptionalDouble.of(pairs);
  }
}
