// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;

/** Compressed data that is not valid; the message says what and at which byte of the file. */
final class DamagedDataException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedDataException(String found, long position) {
    super(found + ", at byte " + position + " of the file");
  }

  DamagedDataException(String found, long position, Exception cause) {
    super(found + ", at byte " + position + " of the file", cause);
  }
}
