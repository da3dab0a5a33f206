// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** Documents of an {@link Iterable}. */
record IterableSource(String name, Iterable<Document> documents) implements DocumentSource {

  IterableSource {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(documents, "documents");
  }

  @Override
  public SourceFingerprint fingerprint() {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Document document : documents) {
      byte[] text = document.text().getBytes(StandardCharsets.UTF_8);
      // The length keeps "ab", "c" apart from "a", "bc".
      hasher.putInt(text.length).putBytes(text);
    }
    return new SourceFingerprint(hasher.hash(), List.of());
  }

  @Override
  public DocumentCursor open() {
    Iterator<Document> iterator = documents.iterator();
    return new DocumentCursor() {
      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public Document next() {
        return iterator.next();
      }

      @Override
      public void close() {
        // Nothing is held.
      }
    };
  }
}
