// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.util.List;

/**
 * Where the time of some work went.
 *
 * @param operations time by operation, longest first
 * @param spans every call, in the order in which they began
 * @param seconds wall time of the whole work
 * @param gemmShare share of the processing time spent in matrix products, 0 to 1, also those inside
 *     other operations
 */
public record OperationProfile(
    List<OperationTime> operations, List<Span> spans, double seconds, double gemmShare) {
  /** Copies the lists. */
  public OperationProfile {
    operations = List.copyOf(operations);
    spans = List.copyOf(spans);
  }

  /**
   * The time of one operation.
   *
   * @param name the operation, such as {@code rms_norm}
   * @param calls how often it ran
   * @param seconds the sum of its times
   */
  public record OperationTime(String name, long calls, double seconds) {}

  /**
   * One call of an operation.
   *
   * @param name the operation
   * @param start seconds from the beginning of the profile to the beginning of the call
   * @param seconds how long it took
   */
  public record Span(String name, double start, double seconds) {}
}
