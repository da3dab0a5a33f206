// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

/** What happens at a step whose loss or gradient norm is far above those before it. */
public enum SpikeAction {
  /** Nothing: nobody looks. */
  OFF,
  /** It is told. */
  WARN,
  /** It is told, and neither parameters nor memory entries move at this step. */
  SKIP,
  /** As {@link #SKIP}, and the training ends; when it is resumed, it goes on behind the step. */
  STOP
}
