// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.io.IOException;

/** Data that may be intact but is not read here; the message says why and what to do. */
final class UnsupportedDataException extends IOException {
  private static final long serialVersionUID = 1L;

  UnsupportedDataException(String message) {
    super(message);
  }

  UnsupportedDataException(String message, Exception cause) {
    super(message, cause);
  }
}
