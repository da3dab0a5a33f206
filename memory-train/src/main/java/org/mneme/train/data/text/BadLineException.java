// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

/** Something in a file is not what it should be; the message says what was found. */
class BadLineException extends Exception {
  private static final long serialVersionUID = 1L;

  BadLineException(String found) {
    super(found);
  }

  BadLineException(String found, Exception cause) {
    super(found, cause);
  }
}
