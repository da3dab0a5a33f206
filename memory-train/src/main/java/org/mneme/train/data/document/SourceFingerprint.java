// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * What identifies the documents of a source.
 *
 * @param sha256 of the content and of how it is read: the same for the same documents
 * @param files what it was read from; empty for documents of a program
 */
public record SourceFingerprint(HashCode sha256, List<DataFile> files) {

  /** Copies the list. */
  public SourceFingerprint {
    Objects.requireNonNull(sha256, "sha256");
    files = List.copyOf(files);
  }

  /** The fingerprint of a file that is read in a way that the words describe. */
  public static SourceFingerprint of(DataFile file, String... words) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putBytes(HashCode.fromString(file.sha256()).asBytes());
    for (String word : words) {
      hasher.putString(word, StandardCharsets.UTF_8);
    }
    return new SourceFingerprint(hasher.hash(), List.of(file));
  }
}
