// SPDX-License-Identifier: Apache-2.0

/**
 * The memory operations of the CPU provider: reading, selecting, mixing and moving entries.
 *
 * <p>Sums over colliding indices go through an {@link org.mneme.compute.nd4j.memory.InvertedIndex}:
 * each is taken by one thread, in ascending order.
 */
package org.mneme.compute.nd4j.memory;
