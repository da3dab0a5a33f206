// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

/** What the entries of a memory are before the first step. */
public enum MemoryInit {
  /** Random tokens or random vectors, as the model was made. */
  RANDOM,
  /** Tokens only: the first tokens of knowledge sentences or, without any, of the documents. */
  TEXT,
  /** Vectors only: centres of the gate queries of the first batches, by k-means. */
  KMEANS
}
