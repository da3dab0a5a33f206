// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import java.util.Map;

/**
 * Where the time of steps went that were profiled. Their operations are launched one by one, so
 * they take longer than others on a device that replays graphs.
 *
 * @param step the last of them
 * @param steps how many there were
 * @param seconds of all of them
 * @param gemmShare share of their time spent in matrix products, 0 to 1
 * @param phases seconds of what the host does, in order: bringing data, gradients, …
 * @param operations seconds by operation of the device, longest first
 * @param calls how often each operation ran
 */
public record ProfileReport(
    long step,
    int steps,
    double seconds,
    double gemmShare,
    Map<String, Double> phases,
    Map<String, Double> operations,
    Map<String, Long> calls) {}
