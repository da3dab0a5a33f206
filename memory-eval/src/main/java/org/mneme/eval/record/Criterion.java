// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mneme.eval.report.markup.Numbers;

/**
 * A condition on a number of a run that can be checked: {@code validation_loss < 2.5}, or against
 * the same number of the baseline: {@code knock_out > baseline}, {@code validation_loss <= baseline
 * - 0.01}.
 *
 * @param metric name of the number; see {@link Measures}
 * @param relation {@code <}, {@code ≤}, {@code >} or {@code ≥}
 * @param toBaseline whether {@code bound} is added to the number of the baseline
 * @param bound what the number is compared with
 */
public record Criterion(String metric, String relation, boolean toBaseline, double bound) {
  private static final String NUMBER = "[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?";
  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([a-z0-9_.]+)\\s*(<=|>=|<|>|≤|≥)\\s*(?:(baseline)(?:\\s*([+-])\\s*("
              + NUMBER
              + "))?|("
              + NUMBER
              + "))\\s*");

  /** What a check says. */
  public enum Verdict {
    /** The condition holds. */
    MET,
    /** It does not. */
    MISSED,
    /** A number that it needs was not measured. */
    OPEN
  }

  /**
   * The outcome of a check.
   *
   * @param verdict what it says
   * @param number with what number, for a person
   */
  public record Outcome(Verdict verdict, String number) {}

  /** The criterion that a text states; empty if it does not state one. */
  public static Optional<Criterion> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String relation = matcher.group(2).replace("<=", "≤").replace(">=", "≥");
    boolean toBaseline = matcher.group(3) != null;
    String number = toBaseline ? matcher.group(5) : matcher.group(6);
    double bound = number == null ? 0 : Double.parseDouble(number);
    if (!Double.isFinite(bound)) {
      return Optional.empty();
    }
    boolean minus = "-".equals(matcher.group(4));
    return Optional.of(
        new Criterion(matcher.group(1), relation, toBaseline, minus ? -bound : bound));
  }

  /**
   * Checks it.
   *
   * @param own the numbers of the run by name
   * @param baseline those of the baseline
   */
  Outcome check(Function<String, OptionalDouble> own, Function<String, OptionalDouble> baseline) {
    OptionalDouble value = own.apply(metric);
    if (value.isEmpty()) {
      return new Outcome(Verdict.OPEN, "not measured");
    }
    double limit = bound;
    if (toBaseline) {
      OptionalDouble other = baseline.apply(metric);
      if (other.isEmpty()) {
        return new Outcome(Verdict.OPEN, "not known of a baseline");
      }
      limit += other.getAsDouble();
    }
    boolean met = holds(value.getAsDouble(), limit);
    String number = number(value.getAsDouble());
    return new Outcome(
        met ? Verdict.MET : Verdict.MISSED,
        toBaseline ? number + " against " + number(limit) : number);
  }

  private boolean holds(double value, double limit) {
    return switch (relation) {
      case "<" -> value < limit;
      case "≤" -> value <= limit;
      case ">" -> value > limit;
      default -> value >= limit;
    };
  }

  private static String number(double value) {
    return Math.abs(value) >= 1000 ? Numbers.fixed(value, 0) : Numbers.significant(value);
  }

  /** The criterion for a person. */
  public String text() {
    String sum = toBaseline ? "baseline" : number(bound);
    String rest = "";
    if (toBaseline && bound != 0) {
      rest = (bound > 0 ? " + " : " − ") + number(Math.abs(bound));
    }
    return String.format(Locale.ROOT, "%s %s %s%s", metric, relation, sum, rest);
  }
}
