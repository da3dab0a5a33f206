// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.List;
import java.util.Locale;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.OperationProfile;
import org.mneme.compute.OperationProfile.OperationTime;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;

/**
 * The figures of one system.
 *
 * @param system which
 * @param config what was timed
 * @param parameters trainable parameters
 * @param tokensPerStep positions of a step
 * @param tokensPerSecond of whole training steps, the median of several blocks
 * @param peakResidentBytes the most memory of the process while it ran, or −1 if unknown
 * @param memory of the device after the timed steps
 * @param profile where the time of some more steps went
 * @param profiledSteps how many
 */
record BenchResult(
    PublishedSystem system,
    ModelConfig config,
    long parameters,
    long tokensPerStep,
    double tokensPerSecond,
    long peakResidentBytes,
    MemoryReport memory,
    OperationProfile profile,
    int profiledSteps) {
  String title() {
    String name = system.id() + ", " + system.description();
    return config.hasMemory()
        ? String.format(Locale.ROOT, "%s, %,d entries", name, config.knowledgeNum())
        : name;
  }

  /** The operations that took longest, at most {@code most} of them. */
  List<OperationTime> longestOperations(int most) {
    List<OperationTime> operations = profile.operations();
    return operations.subList(0, Math.min(most, operations.size()));
  }
}
