// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.util.Map;

/**
 * A device's memory, in bytes.
 *
 * @param current bytes in use by open tensors, by tag
 * @param peak the most bytes ever in use at once, by tag (peaks of two tags need not coincide)
 * @param pooled bytes that are held for reuse but not in use
 * @param peakTotal the most bytes ever in use at once over all tags
 */
public record MemoryReport(
    Map<MemoryTag, Long> current, Map<MemoryTag, Long> peak, long pooled, long peakTotal) {
  /** Copies the maps. */
  public MemoryReport {
    current = Map.copyOf(current);
    peak = Map.copyOf(peak);
  }

  /** Bytes in use over all tags. */
  public long currentTotal() {
    return current.values().stream().mapToLong(Long::longValue).sum();
  }
}
