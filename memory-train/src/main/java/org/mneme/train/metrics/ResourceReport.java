// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * The memory in use, in bytes.
 *
 * @param step after which it was read
 * @param device of the device by open tensors, by what they are for, in lower case
 * @param deviceAllocated of the device by all open tensors
 * @param deviceReserved allocated, and held by the device's pool for reuse
 * @param devicePeak most bytes allocated at once since the device was opened
 * @param heapUsed of Java's heap, garbage included
 * @param heapCommitted of Java's heap, as taken from the system
 * @param resident of the process, in RAM; null where the system does not tell
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResourceReport(
    long step,
    Map<String, Long> device,
    long deviceAllocated,
    long deviceReserved,
    long devicePeak,
    long heapUsed,
    long heapCommitted,
    Long resident) {}
