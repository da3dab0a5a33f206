// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

/** What happens when a training goes on but something in it is dead. */
public enum AlarmAction {
  /** Nothing: nobody looks. */
  OFF,
  /** It is told. */
  WARN,
  /** It is told, and the training ends; when it is resumed, it goes on. */
  STOP
}
