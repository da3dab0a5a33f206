// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;

class FactFilesTest {
  @TempDir Path folder;

  @Test
  void readsWhatItWrote() throws IOException {
    Biographies biographies = new Biographies(new BiographyConfig(4, 1, 2));
    FactFiles files = new FactFiles(folder);
    files.write(biographies);
    assertThat(FactFiles.read(folder)).containsExactlyElementsOf(biographies.facts().toList());
    assertThat(FactFiles.read(files.facts())).isEqualTo(FactFiles.read(folder));
  }

  @Test
  void namesTheFileThatCannotBeWritten() throws IOException {
    FactFiles files = new FactFiles(folder);
    Files.createDirectory(files.facts());
    Biographies biographies = new Biographies(new BiographyConfig(1, 1, 2));
    assertThatThrownBy(() -> files.write(biographies))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(files.facts() + ": cannot be written: ");
  }

  /** Editors of some systems put a byte order mark first and a blank line last. */
  @Test
  void aByteOrderMarkAndBlankLinesAreNoFacts() throws IOException {
    Biographies biographies = new Biographies(new BiographyConfig(1, 1, 2));
    FactFiles files = new FactFiles(folder);
    files.write(biographies);
    List<Fact> facts = FactFiles.read(folder);
    Files.writeString(files.facts(), "\uFEFF" + Files.readString(files.facts()) + "\n \n");
    assertThat(FactFiles.read(folder)).isEqualTo(facts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | is empty",
        "'{\"choices\": 8}' | line 1:1: person",
        "'{\"person\": \"P\"}' | key 'choices'",
        "'oops' | line 1:1: not",
        "'null' | line 1",
      })
  void tellsWhatIsWrong(String line, String message) throws IOException {
    Path file = folder.resolve("bad.jsonl");
    Files.writeString(file, line.isEmpty() ? "" : line + "\n");
    assertThatThrownBy(() -> FactFiles.read(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("bad.jsonl")
        .hasMessageContaining(message);
  }
}
