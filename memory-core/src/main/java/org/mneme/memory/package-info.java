// SPDX-License-Identifier: Apache-2.0
/**
 * What an explicit memory is made of: its extents ({@link org.mneme.memory.MemoryShape}), the
 * arithmetic of product keys ({@link org.mneme.memory.ProductKeyIndex}) and its entries ({@link
 * org.mneme.memory.Codebook}). Sub-packages move, revive, count and fill them. A device is always
 * handed in.
 */
package org.mneme.memory;
