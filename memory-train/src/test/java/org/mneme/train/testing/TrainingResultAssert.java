// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.util.Locale;
import java.util.OptionalDouble;
import org.assertj.core.api.AbstractAssert;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.train.TrainingResult;

/** Assertions about what a training came to. */
public final class TrainingResultAssert
    extends AbstractAssert<TrainingResultAssert, TrainingResult> {

  TrainingResultAssert(TrainingResult result) {
    super(result, TrainingResultAssert.class);
  }

  /** The mean loss of the last reported steps lies in a band, in nats, balance loss included. */
  public TrainingResultAssert hasTrainLossBetween(double least, double most) {
    isNotNull();
    return isBetween("training loss", actual.trainLoss(), least, most);
  }

  /** The cross-entropy on held-out text lies in a band, in nats. */
  public TrainingResultAssert hasValidationLossBetween(double least, double most) {
    isNotNull();
    return isBetween(
        "validation loss", known("a validation loss", actual.validationLoss()), least, most);
  }

  private TrainingResultAssert isBetween(String what, double found, double least, double most) {
    if (!(found >= least && found <= most)) {
      failWithMessage(
          "expected a %s between %s and %s after %d steps, found %s",
          what, least, most, actual.steps(), format(found));
    }
    return this;
  }

  /** At least this share of the memory's entries was selected in the last validation. */
  public TrainingResultAssert usesAtLeast(double share) {
    isNotNull();
    return isAtLeast("of the entries selected", usage().usedAny(), share);
  }

  /** At least this share of the memory's entries was selected first in the last validation. */
  public TrainingResultAssert usesFirstAtLeast(double share) {
    isNotNull();
    return isAtLeast("of the entries selected in the first slot", usage().usedTop1(), share);
  }

  /** EMA updates touched at least this share of the entries that are not frozen. */
  public TrainingResultAssert updatesAtLeast(double share) {
    isNotNull();
    double found = known("a memory that is moved by EMA", actual.updateCoverage());
    return isAtLeast("of the unfrozen entries updated", found, share);
  }

  private TrainingResultAssert isAtLeast(String what, double found, double share) {
    if (!(found >= share)) {
      failWithMessage(
          "expected at least %s %s after %d steps, found %s",
          format(share), what, actual.steps(), format(found));
    }
    return this;
  }

  private UsageStatistics usage() {
    return actual
        .usage()
        .orElseThrow(
            () ->
                new AssertionError("expected a memory that was used in a validation, found none"));
  }

  private static double known(String what, OptionalDouble value) {
    return value.orElseThrow(() -> new AssertionError("expected " + what + ", found none"));
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
