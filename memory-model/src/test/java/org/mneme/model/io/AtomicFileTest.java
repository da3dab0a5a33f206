// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
