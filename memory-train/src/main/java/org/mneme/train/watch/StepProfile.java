// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.watch;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mneme.train.metrics.ProfileReport;

/**
 * Where the time of some steps went.
 *
 * @param phases of the host, in the order in which they ended; one may lie within another
 * @param operations of the device, in order
 * @param seconds of the phases that launch operations
 * @param gemmShare share of these seconds spent in matrix products, 0 to 1
 */
public record StepProfile(
    List<Span> phases, List<Span> operations, double seconds, double gemmShare) {
  /** Copies the lists. */
  public StepProfile {
    phases = List.copyOf(phases);
    operations = List.copyOf(operations);
  }

  /**
   * The sums by name.
   *
   * @param step the last of the steps
   * @param steps how many there were
   */
  public ProfileReport report(long step, int steps) {
    Map<String, Double> byOperation = sums(operations);
    Map<String, Double> longestFirst = new LinkedHashMap<>();
    Map<String, Long> calls = new LinkedHashMap<>();
    Map<String, Long> counted =
        operations.stream().collect(Collectors.groupingBy(Span::name, Collectors.counting()));
    byOperation.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(
            sum -> {
              longestFirst.put(sum.getKey(), sum.getValue());
              calls.put(sum.getKey(), counted.get(sum.getKey()));
            });
    return new ProfileReport(step, steps, seconds, gemmShare, sums(phases), longestFirst, calls);
  }

  private static Map<String, Double> sums(List<Span> spans) {
    Map<String, Double> sums = new LinkedHashMap<>();
    spans.forEach(span -> sums.merge(span.name(), span.seconds(), Double::sum));
    return sums;
  }
}
