// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

/** How queries to the product keys are normalised. */
public enum QueryNorm {
  /** Not at all, as published. */
  NONE,
  /** Each column over all positions of the batch. */
  BATCH,
  /** Each head's query to RMS 1. */
  RMS
}
