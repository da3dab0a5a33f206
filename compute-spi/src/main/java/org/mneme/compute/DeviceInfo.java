// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.util.Set;

/**
 * What a device is.
 *
 * @param id the name by which it is chosen, such as {@code cpu} or {@code cuda:0}
 * @param provider the id of the provider that opened it
 * @param description the hardware and libraries, for a person
 * @param dtypes the element types on which every operation works
 * @param totalMemory bytes of memory, or −1 if unknown
 * @param chunkBytes bytes of scratch that one piece of a large intermediate (logits, rows in
 *     between) should take: enough that a piece keeps the device busy, few enough that it stays
 *     near
 */
public record DeviceInfo(
    String id,
    String provider,
    String description,
    Set<DType> dtypes,
    long totalMemory,
    long chunkBytes) {
  /** What suits the caches of a CPU; a GPU wants some 128 MiB to be busy. */
  public static final long DEFAULT_CHUNK_BYTES = 1L << 24;

  /** A device with pieces of {@value #DEFAULT_CHUNK_BYTES} bytes. */
  public DeviceInfo(
      String id, String provider, String description, Set<DType> dtypes, long totalMemory) {
    this(id, provider, description, dtypes, totalMemory, DEFAULT_CHUNK_BYTES);
  }

  /** Copies the set. */
  public DeviceInfo {
    dtypes = Set.copyOf(dtypes);
  }
}
