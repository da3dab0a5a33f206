// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | is empty",
        "'{\"choices\": 8}' | line 1:1: person",
        "'{\"person\": \"P\"}' | key 'choices'",
        "'oops' | line 1:1: not",
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
