// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** One source after the other. */
record ConcatenatedSource(List<DocumentSource> sources) implements DocumentSource {

  ConcatenatedSource {
    checkArgument(!sources.isEmpty(), "sources is empty, expected at least one");
    sources = List.copyOf(sources);
  }

  @Override
  public String name() {
    return sources.get(0).name() + "+" + (sources.size() - 1);
  }

  @Override
  public SourceFingerprint fingerprint() {
    Hasher hasher = Hashing.sha256().newHasher();
    List<DataFile> files = new ArrayList<>();
    for (DocumentSource source : sources) {
      SourceFingerprint part = source.fingerprint();
      hasher.putBytes(part.sha256().asBytes());
      files.addAll(part.files());
    }
    return new SourceFingerprint(hasher.hash(), files);
  }

  @Override
  public DocumentCursor open() {
    return new Cursor(sources.iterator());
  }

  private static final class Cursor implements DocumentCursor {
    private final Iterator<DocumentSource> remaining;
    private DocumentCursor current;
    private SkippedLines finished = SkippedLines.NONE;

    Cursor(Iterator<DocumentSource> sources) {
      remaining = sources;
      current = sources.next().open();
    }

    @Override
    public boolean hasNext() {
      while (!current.hasNext()) {
        if (!remaining.hasNext()) {
          return false;
        }
        finished = skipped();
        current.close();
        current = remaining.next().open();
      }
      return true;
    }

    @Override
    public Document next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return current.next();
    }

    @Override
    public SkippedLines skipped() {
      return finished.plus(current.skipped());
    }

    @Override
    public void close() {
      current.close();
    }
  }
}
