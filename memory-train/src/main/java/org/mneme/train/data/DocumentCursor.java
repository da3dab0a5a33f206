// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import java.util.Iterator;

/** One pass over the documents of a source. Closing it releases the files that it holds. */
public interface DocumentCursor extends Iterator<Document>, AutoCloseable {

  @Override
  void close();
}
