// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

/** Something in a file is not what it should be; the message says what was found. */
class BadLineException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String advice;

  BadLineException(String found) {
    this(found, "");
  }

  /**
   * A problem with a way out.
   *
   * @param advice a sentence that says what to do, without its full stop; empty for none
   */
  BadLineException(String found, String advice) {
    super(found);
    this.advice = advice;
  }

  BadLineException(String found, Exception cause) {
    super(found, cause);
    this.advice = "";
  }

  /** Returns what to do, as the end of a message; empty if there is no advice. */
  String advice() {
    return advice.isEmpty() ? "" : ". " + advice;
  }
}
