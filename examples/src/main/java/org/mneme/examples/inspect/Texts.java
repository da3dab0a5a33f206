// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.util.Iterator;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;

/**
 * The texts of a source, read anew at every pass; what a pass holds is released at its end.
 *
 * @param source the documents
 */
record Texts(DocumentSource source) implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    DocumentCursor cursor = source.open();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        boolean more = cursor.hasNext();
        if (!more) {
          cursor.close();
        }
        return more;
      }

      @Override
      public String next() {
        return cursor.next().text();
      }
    };
  }
}
