// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

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
  public SourceFingerprint fingerprint() {
    SourceFingerprint whole = source.fingerprint();
    HashCode both =
        Hashing.sha256().newHasher().putBytes(whole.sha256().asBytes()).putLong(documents).hash();
    return new SourceFingerprint(both, whole.files());
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
      public SkippedLines skipped() {
        return cursor.skipped();
      }

      @Override
      public void close() {
        cursor.close();
      }
    };
  }
}
