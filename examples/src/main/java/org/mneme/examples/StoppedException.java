// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

/** Work ended because a signal asked for it; the message says what is left and how to go on. */
public final class StoppedException extends RuntimeException {
  /** An end on request. */
  public StoppedException(String message) {
    super(message);
  }
}
