// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/**
 * A problem that the user can mend: a missing file, a bad configuration, a device that is not
 * there.
 *
 * <p>The message is complete in itself: it says where, what was found and what was expected, so
 * that a command line prints it without a stack trace.
 */
public class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message that needs no stack trace to be understood. */
  public UserException(String message) {
    super(message);
  }

  /** Creates the exception with a message and the failure that led to it. */
  public UserException(String message, Throwable cause) {
    super(message, cause);
  }
}
