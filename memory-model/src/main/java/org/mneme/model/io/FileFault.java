// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;
import org.mneme.compute.UserException;

/** What went wrong with a file, in words: without the names of Java's exceptions. */
public final class FileFault {
  private FileFault() {}

  /**
   * The error of something that could not be done with a file: "path: cannot be read: reason".
   *
   * @param path the file or folder that was worked on, a path or its name
   * @param done what could not be done, such as {@code "read"}
   */
  public static UserException cannotBe(Object path, String done, IOException e) {
    String other = other(path, e).map(file -> file + ": ").orElse("");
    return new UserException(path + ": cannot be " + done + ": " + other + reason(e), e);
  }

  /** The file that failed, if it is not the one that was worked on. */
  private static Optional<String> other(Object path, IOException e) {
    return e instanceof FileSystemException fault
        ? Optional.ofNullable(fault.getFile()).filter(file -> !file.equals(path.toString()))
        : Optional.empty();
  }

  /** Why, in the system's own words where the type of the exception does not say it alone. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "no permission to read or write it";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "is there already";
    }
    if (e instanceof NotDirectoryException) {
      return "is no folder";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "the folder is not empty";
    }
    if (e instanceof FileSystemException fault && fault.getReason() != null) {
      return fault.getReason();
    }
    return ofContents(e);
  }

  private static String ofContents(IOException e) {
    if (e instanceof CharacterCodingException) {
      return "is not UTF-8";
    }
    if (e instanceof EOFException) {
      return "ends too early";
    }
    if (e instanceof ClosedByInterruptException) {
      return "was interrupted";
    }
    return e.getMessage() == null ? "input or output failed" : e.getMessage();
  }
}
