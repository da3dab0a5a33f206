// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import org.mneme.compute.OperationProfile;
import org.mneme.model.config.PublishedSystem;

/**
 * The figures of one system.
 *
 * @param system which
 * @param parameters trainable parameters
 * @param tokensPerSecond of whole training steps, the median of several blocks
 * @param peakResidentBytes the most memory of the process while it ran, or −1 if unknown
 * @param profile where the time of some more steps went
 * @param profiledSteps how many
 */
record BenchResult(
    PublishedSystem system,
    long parameters,
    double tokensPerSecond,
    long peakResidentBytes,
    OperationProfile profile,
    int profiledSteps) {}
