// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

/** What moves at a step; steps of one phase are the same work, so that it can be recorded once. */
public enum OptimizerPhase {
  /** Every group that has a learning rate. */
  ALL_MOVE,
  /** The same without token embeddings: they, and their moments, stay as they are from here on. */
  EMBEDDINGS_STAY
}
