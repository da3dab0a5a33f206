// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;

class ChecksumsTest {
  @TempDir Path folder;
  private Checksums checksums;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("a"), "one");
    Files.writeString(folder.resolve("b"), "two");
    checksums = new Checksums(folder);
  }

  @Test
  void aDirectoryWithoutChecksumsIsNotCompared() {
    assertThatCode(() -> checksums.verifyIfAny(List.of("a"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> checksums.verify(List.of("a"))).isInstanceOf(UserException.class);
  }

  @Test
  void onlyWhatIsAskedForIsCompared() throws IOException {
    checksums.write(List.of("a", "b"));
    Files.writeString(folder.resolve("b"), "twö");
    checksums.verifyIfAny(List.of("a"));
    assertThatThrownBy(() -> checksums.verifyIfAny(List.of("a", "b")))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(folder.resolve("b") + ": damaged: expected SHA-256 ")
        .hasMessageContaining("delete " + folder.resolve("checksums"));
    assertThatThrownBy(() -> checksums.verifyIfAny(List.of("c")))
        .hasMessageContaining("found no checksum of [c]");
  }

  @Test
  void filesThatAreReplacedGetNewOnes() throws IOException {
    checksums.update(List.of("a"));
    checksums.verifyIfAny(List.of("a"));
    checksums.write(List.of("a", "b"));
    Files.writeString(folder.resolve("b"), "three");
    checksums.update(List.of("b"));
    checksums.verify(List.of("a", "b"));
  }
}
