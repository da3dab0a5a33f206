// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

/** What memory entries are and how they are learned. */
public enum MemoryStore {
  /** No memory. */
  NONE,
  /** Vectors trained by gradient. */
  LEARNED,
  /** Vectors moved towards the queries that select them. */
  EMA_VECTOR,
  /** Token ids that a person can read, re-encoded as they move. */
  EMA_TOKEN,
  /**
   * Token ids that a person can read: what followed the last few tokens where they occurred before.
   */
  CONTEXT_TOKEN
}
