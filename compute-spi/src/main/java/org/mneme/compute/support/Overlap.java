// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

/** How the storage of two tensors relates. */
public enum Overlap {
  /** No byte in common. */
  NONE,
  /** The same bytes. */
  SAME,
  /** Some bytes in common. */
  PARTIAL
}
