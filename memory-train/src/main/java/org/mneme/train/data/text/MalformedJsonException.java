// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

/** Text that is not JSON, so that nothing after it can be told apart either. */
final class MalformedJsonException extends BadLineException {
  private static final long serialVersionUID = 1L;

  MalformedJsonException(String found) {
    super("not JSON: " + found);
  }
}
