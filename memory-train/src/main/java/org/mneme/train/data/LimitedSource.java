// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.util.NoSuchElementException;

/** The first documents of a source. */
record LimitedSource(DocumentSource source, long documents) implements DocumentSource {

  LimitedSource {
    checkArgument(documents > 0, "documents is %s, expected at least 1", documents);
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public HashCode sha256() {
    return Hashing.sha256()
        .newHasher()
        .putBytes(source.sha256().asBytes())
        .putLong(documents)
        .hash();
  }

  @Override
  public DocumentCursor open() {
    DocumentCursor cursor = source.open();
    return new DocumentCursor() {
      private long remaining = documents;

      @Override
      public boolean hasNext() {
        return remaining > 0 && cursor.hasNext();
      }

      @Override
      public Document next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        remaining--;
        return cursor.next();
      }

      @Override
      public void close() {
        cursor.close();
      }
    };
  }
}
