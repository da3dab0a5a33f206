// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;

class RunNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "..",
        ".",
        ".hidden",
        "../x",
        "a/b",
        "/tmp/x",
        "a\\b",
        "-x",
        "a\nb",
        "a\u0000b",
        " a",
        "a ",
        "a\u202Eb",
        "a\uFFFDb",
        "\uD800",
        "\u001B[2J"
      })
  void refusesWhatLeavesTheFolderOrCannotBeSeen(String name) {
    assertThatThrownBy(() -> RunFolder.named(Path.of("runs"), name))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("name of the run: found '")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.4.6", "日本", "mit Leerzeichen", "a..b", "x'y\"z", "🦦"})
  void acceptsOtherNames(String name) {
    Path root = RunFolder.named(Path.of("runs"), name).root();
    assertThat(root.getParent()).isEqualTo(Path.of("runs"));
    assertThat(root.getFileName().toString()).startsWith(name + "-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "日"})
  void refusesNamesThatFileSystemsCannotHave(String letter) {
    assertThatThrownBy(() -> RunName.require(letter.repeat(201)))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith("expected at most 200 bytes");
  }
}
