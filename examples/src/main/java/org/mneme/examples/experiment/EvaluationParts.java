// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of an evaluation, measured one after the other. Each is kept as soon as it is measured,
 * and one that fails leaves the others alone: a training of days must not be lost to a prompt.
 */
public final class EvaluationParts {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluationParts.class);
  private static final String NOT_YET = "not measured yet";

  private final Evaluation.Builder evaluation;
  private final Consumer<Evaluation> keeper;
  private final Map<String, Consumer<Evaluation.Builder>> parts = new LinkedHashMap<>();
  private final Map<String, String> unmeasured = new LinkedHashMap<>();

  /**
   * An evaluation without parts.
   *
   * @param keeper receives what is measured, again after each part; it states which parts are not
   */
  public EvaluationParts(Evaluation.Builder evaluation, Consumer<Evaluation> keeper) {
    this.evaluation = evaluation;
    this.keeper = keeper;
  }

  /**
   * Adds a part.
   *
   * @param measure measures it and sets it
   */
  public EvaluationParts add(String part, Consumer<Evaluation.Builder> measure) {
    parts.put(part, measure);
    unmeasured.put(part, NOT_YET);
    return this;
  }

  /**
   * Measures all parts in the order in which they were added.
   *
   * @return what was measured; parts that failed are among {@link Evaluation#unmeasured}
   * @throws UserException if the keeper throws it
   */
  public Evaluation measure() {
    keep();
    for (Map.Entry<String, Consumer<Evaluation.Builder>> part : parts.entrySet()) {
      attempt(part.getKey(), part.getValue());
      keep();
    }
    return evaluation.build();
  }

  private void attempt(String part, Consumer<Evaluation.Builder> measure) {
    try {
      measure.accept(evaluation);
      unmeasured.remove(part);
    } catch (UserException e) {
      unmeasured.put(part, e.getMessage());
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      LOG.error("{} cannot be measured", part, e);
      unmeasured.put(part, e.toString());
    }
  }

  private void keep() {
    keeper.accept(evaluation.unmeasured(unmeasured).build());
  }

  /**
   * Refuses an evaluation that lacks parts.
   *
   * @param again the command that measures them
   * @throws UserException with each part and its reason
   */
  public static void requireComplete(Evaluation evaluation, String again) {
    if (!evaluation.isComplete()) {
      throw new UserException(
          "the evaluation is not complete, the other parts were kept:\n"
              + inLines(evaluation)
              + "\n'"
              + again
              + "' measures again.");
    }
  }

  /** The parts that were not measured with their reasons, a line each. */
  public static String inLines(Evaluation evaluation) {
    return evaluation.unmeasured().entrySet().stream()
        .map(part -> "  - " + part.getKey() + ": " + part.getValue())
        .collect(Collectors.joining("\n"));
  }
}
