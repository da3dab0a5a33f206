// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/**
 * The device cannot hold what was asked for; the message says what, what is free and who holds it.
 */
public class OutOfDeviceMemoryException extends UserException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public OutOfDeviceMemoryException(String message) {
    super(message);
  }
}
