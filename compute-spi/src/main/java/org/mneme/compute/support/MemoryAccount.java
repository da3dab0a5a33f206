// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import java.util.EnumMap;
import java.util.Map;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;

/** Counts a device's bytes in use by tag; thread-safe. */
public final class MemoryAccount {
  private final long[] current = new long[MemoryTag.values().length];
  private final long[] peak = new long[MemoryTag.values().length];
  private long total;
  private long peakTotal;

  /** Notes that {@code bytes} ≥ 0 came into use. */
  public synchronized void add(MemoryTag tag, long bytes) {
    int at = tag.ordinal();
    current[at] += bytes;
    total += bytes;
    peak[at] = Math.max(peak[at], current[at]);
    peakTotal = Math.max(peakTotal, total);
  }

  /** Notes that {@code bytes}, added before under the same tag, are no longer in use. */
  public synchronized void remove(MemoryTag tag, long bytes) {
    current[tag.ordinal()] -= bytes;
    total -= bytes;
  }

  /** Bytes in use over all tags. */
  public synchronized long total() {
    return total;
  }

  /** The account as a report; tags that were never used are left out. */
  public synchronized MemoryReport report(long pooled) {
    Map<MemoryTag, Long> currentByTag = new EnumMap<>(MemoryTag.class);
    Map<MemoryTag, Long> peakByTag = new EnumMap<>(MemoryTag.class);
    for (MemoryTag tag : MemoryTag.values()) {
      if (peak[tag.ordinal()] > 0) {
        currentByTag.put(tag, current[tag.ordinal()]);
        peakByTag.put(tag, peak[tag.ordinal()]);
      }
    }
    return new MemoryReport(currentByTag, peakByTag, pooled, peakTotal);
  }
}
