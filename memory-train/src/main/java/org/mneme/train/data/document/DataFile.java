// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.mneme.compute.UserException;
import org.mneme.model.io.FileFault;

/**
 * A file as it was when it was read.
 *
 * @param path as it was given
 * @param bytes its size
 * @param modified when it was last changed, in ISO 8601
 * @param sha256 of its bytes as they lie on the disk, compressed or not, in hexadecimal
 */
public record DataFile(String path, long bytes, String modified, String sha256) {

  /**
   * Reads a file to its end.
   *
   * @throws UserException when it cannot be read
   */
  public static DataFile of(Path file) {
    try {
      BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
      String sha256 = MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
      return new DataFile(
          file.toString(), before.size(), before.lastModifiedTime().toString(), sha256);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "read", e);
    }
  }

  /**
   * Refuses a file that is another by now, so that nothing is filed under a wrong hash.
   *
   * @throws UserException if its size or its time are not the same any more
   */
  public void requireUnchanged() {
    try {
      BasicFileAttributes now = Files.readAttributes(Path.of(path), BasicFileAttributes.class);
      if (now.size() != bytes || !now.lastModifiedTime().toString().equals(modified)) {
        throw new UserException(
            path
                + ": was changed while it was read: found "
                + now.size()
                + " bytes of "
                + now.lastModifiedTime()
                + ", expected "
                + bytes
                + " of "
                + modified);
      }
    } catch (IOException e) {
      throw FileFault.cannotBe(path, "read", e);
    }
  }
}
