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
 */
public record DeviceInfo(
    String id, String provider, String description, Set<DType> dtypes, long totalMemory) {
  /** Copies the set. */
  public DeviceInfo {
    dtypes = Set.copyOf(dtypes);
  }
}
