// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import com.google.common.hash.HashCode;
import java.util.List;

/**
 * Documents in a fixed order that can be read any number of times. Every pass gives the same
 * documents.
 */
public interface DocumentSource {

  /** Returns a short name for messages and file names, such as the name of the file. */
  String name();

  /** Returns what identifies the content. Reads the whole source. */
  SourceFingerprint fingerprint();

  /**
   * Returns a SHA-256 of the content, by which what was computed from it is found again. Reads the
   * whole source.
   */
  default HashCode sha256() {
    return fingerprint().sha256();
  }

  /**
   * Starts a pass over the documents.
   *
   * @throws org.mneme.compute.UserException when the source cannot be read; also thrown by the
   *     cursor, where a document is found to be bad
   */
  DocumentCursor open();

  /** Returns a source of the first {@code documents} documents of this one. */
  default DocumentSource limit(long documents) {
    return new LimitedSource(this, documents);
  }

  /** Returns a source of documents that the program holds or makes, read anew at every pass. */
  static DocumentSource of(String name, Iterable<Document> documents) {
    return new IterableSource(name, documents);
  }

  /** Returns a source that reads one source after the other. */
  static DocumentSource concat(List<DocumentSource> sources) {
    return sources.size() == 1 ? sources.get(0) : new ConcatenatedSource(sources);
  }
}
