// SPDX-License-Identifier: Apache-2.0
/**
 * Entries of a memory as a person can read them: pages ({@link
 * org.mneme.eval.report.memory.MemoryPage}) of entries, with their tokens before and after training
 * and the places where they were chosen. The records know nothing of models; {@link
 * org.mneme.eval.report.memory.MemorySection} shows them.
 */
package org.mneme.eval.report.memory;
