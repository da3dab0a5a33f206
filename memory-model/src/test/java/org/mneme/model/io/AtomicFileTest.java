// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void createsFoldersAndReplaces() throws IOException {
    Path target = folder.resolve("a/b/report.html");
    AtomicFile.writeString(target, "old");
    AtomicFile.writeString(target, "new é");
    assertThat(target).hasContent("new é");
    try (Stream<Path> files = Files.list(target.getParent())) {
      assertThat(files).containsExactly(target);
    }
  }

  @Test
  void aFailureLeavesWhatWasThere() throws IOException {
    Path target = folder.resolve("report.html");
    AtomicFile.writeString(target, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    target,
                    channel -> {
                      AtomicFile.writeFully(channel, ByteBuffer.allocate(10));
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(target).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(target);
    }
  }

  /** A pipe stands for all that is neither a file nor a folder, such as devices. */
  @Test
  void replacesNeitherPipesNorFoldersByFiles() throws Exception {
    assumeThat(Path.of("/usr/bin/mkfifo")).isExecutable();
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path directory = Files.createDirectory(folder.resolve("directory"));
    for (Path target : List.of(pipe, directory)) {
      assertThatThrownBy(() -> AtomicFile.writeString(target, "x"))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining(target + ": expected a regular file or a new name");
      assertThat(target)
          .exists()
          .satisfies(kept -> assertThat(Files.isRegularFile(kept)).isFalse());
    }
  }

  @Test
  void writesTheFileThatALinkLeadsTo() throws IOException {
    Path file = folder.resolve("file");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
    Path further = Files.createSymbolicLink(folder.resolve("further"), link);
    for (String text : List.of("new", "replaced")) {
      AtomicFile.writeString(further, text);
      assertThat(file).hasContent(text).isRegularFile();
      assertThat(link).isSymbolicLink();
      assertThat(further).isSymbolicLink();
    }
    Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
    assertThatThrownBy(() -> AtomicFile.writeString(circle, "x"))
        .hasMessageContaining("found a circle of links");
  }
}
