// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

/** How a learning rate goes on after its warm-up. */
public enum ScheduleForm {
  /** It stays. */
  CONSTANT,
  /** It falls along half a cosine to its least share, which it has at the last step. */
  COSINE
}
