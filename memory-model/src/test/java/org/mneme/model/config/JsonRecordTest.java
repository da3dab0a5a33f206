// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

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

/** Files that Mneme has written itself, and that somebody may have changed. */
class JsonRecordTest {
  record Counts(long steps, String name) {}

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("counts.json"), text);
  }

  @Test
  void readsWhatIsThereAndNull() throws IOException {
    Path file = file("{\"steps\": 3, \"name\": null}");
    assertThat(new JsonConfig().readRecord(file, Counts.class)).isEqualTo(new Counts(3, null));
    assertThat(new JsonConfig().readRecord(file("null"), Counts.class)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | key 'steps': found nothing, expected a whole number",
        "{\"steps\": null} | key 'steps': found nothing, expected a whole number",
        "{\"steps\": 1.5} | key 'steps': found \"1.5\", expected a whole number",
        "{\"steps\": []} | key 'steps': found a list, expected a whole number",
      })
  void namesTheKeyThatIsWrong(String text, String message) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> new JsonConfig().readRecord(file, Counts.class))
        .isInstanceOf(UserException.class)
        .hasMessage(file + ":1: " + message);
  }
}
