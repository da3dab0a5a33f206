// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import java.util.Iterator;

/** One pass over the documents of a source. Closing it releases the files that it holds. */
public interface DocumentCursor extends Iterator<Document>, AutoCloseable {

  /** The bad lines that this pass has left out up to now. */
  default SkippedLines skipped() {
    return SkippedLines.NONE;
  }

  @Override
  void close();
}
