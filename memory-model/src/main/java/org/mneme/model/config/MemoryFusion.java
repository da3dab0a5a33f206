// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

/** How what was read is mixed into the stream. */
public enum MemoryFusion {
  /** A gated MLP over the query and the weighted entries, in place of the feed-forward layer. */
  GATED_MLP,
  /** Attention over the entries, in place of the feed-forward layer. */
  CROSS_ATTENTION,
  /** A gated sum of the entries, after the feed-forward layer. */
  BESIDE
}
