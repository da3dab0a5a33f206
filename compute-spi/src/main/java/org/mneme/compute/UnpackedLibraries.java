// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/** Messages about native libraries, which are unpacked from jars before they are loaded. */
public final class UnpackedLibraries {
  private UnpackedLibraries() {}

  /**
   * Returns the error of a library that cannot be loaded, with what the user can do: full disks,
   * folders of others and file systems that forbid programs are the usual reasons.
   *
   * @param library the library in words, such as "the native library of Zstandard"
   * @param cause what was thrown; the message has its root cause
   * @param setting what names another folder, in a form that can be typed
   */
  public static UserException cannotBeLoaded(String library, Throwable cause, String setting) {
    return new UserException(
        library
            + " cannot be loaded: "
            + rootCause(cause)
            + ". It is unpacked to a folder first: expected one that can be written, has space and"
            + " is not mounted noexec. Name a folder with "
            + setting,
        cause);
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
