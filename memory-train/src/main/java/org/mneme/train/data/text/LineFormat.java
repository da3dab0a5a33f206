// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.util.function.Consumer;

/** What the lines of a file hold. */
interface LineFormat {

  /**
   * Reads a line that is not blank.
   *
   * @param buffer well-formed UTF-8, of which the line is {@code length} bytes from {@code start}
   * @param texts takes what the line holds, only if all of it is good
   * @throws BadLineException telling what was found instead
   */
  void read(byte[] buffer, int start, int length, Consumer<String> texts) throws BadLineException;

  /** Returns what a good line is, for messages. */
  String expected();
}
