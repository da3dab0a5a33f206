// SPDX-License-Identifier: Apache-2.0
/**
 * The operations of a device, grouped by what they are for.
 *
 * <p>Letters in shapes: N positions (batch × sequence), R rows, d model width, V vocabulary, M
 * memory entries, K tokens of an entry, S selected slots, W width of a read, H heads.
 */
package org.mneme.compute.kernels;
