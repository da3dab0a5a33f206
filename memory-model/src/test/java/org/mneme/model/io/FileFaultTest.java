// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.UserException;

/** Messages once said "java.nio.file.NoSuchFileException: /a/b". */
class FileFaultTest {
  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(new NoSuchFileException("/a"), "no such file or folder"),
        Arguments.of(new NoSuchFileException("/a/b"), "/a/b: no such file or folder"),
        Arguments.of(new AccessDeniedException("/a"), "no permission to read or write it"),
        Arguments.of(new FileAlreadyExistsException("/a"), "is there already"),
        Arguments.of(
            new FileSystemException("/a", null, "No space left on device"),
            "No space left on device"),
        Arguments.of(new MalformedInputException(1), "is not UTF-8"),
        Arguments.of(new EOFException(), "ends too early"),
        Arguments.of(new IOException("Stale file handle"), "Stale file handle"),
        Arguments.of(new IOException(), "input or output failed"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void isSaidInWords(IOException cause, String words) {
    UserException error = FileFault.cannotBe(Path.of("/a"), "read", cause);
    assertThat(error).hasMessage("/a: cannot be read: " + words).hasCause(cause);
  }

  @Test
  void whatTheSystemSaysIsKept(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    IOException under =
        catchThrowableOfType(IOException.class, () -> Files.createFile(file.resolve("x")));
    assertThat(FileFault.reason(under)).isNotBlank().doesNotContain("Exception", "/");
    Files.createFile(Files.createDirectory(folder.resolve("full")).resolve("x"));
    IOException full =
        catchThrowableOfType(IOException.class, () -> Files.delete(folder.resolve("full")));
    assertThat(FileFault.reason(full)).isEqualTo("the folder is not empty");
  }
}
