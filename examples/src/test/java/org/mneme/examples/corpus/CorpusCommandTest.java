// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.examples.Mneme;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.text.JsonlSource;
import picocli.CommandLine;

class CorpusCommandTest {
  @TempDir Path directory;

  @Test
  void writesWordNetForTraining() {
    Path file = directory.resolve("new/wordnet.jsonl");
    assertThat(execute("corpus", "wordnet", "--every", "1000", "--out", file.toString())).isZero();
    List<WordNetCorpus.Entry> entries = WordNetCorpus.load().every(1000).entries();
    assertThat(texts(file, "text"))
        .containsExactlyElementsOf(entries.stream().map(WordNetCorpus.Entry::text).toList());
    assertThat(texts(file, "definition"))
        .containsExactlyElementsOf(entries.stream().map(WordNetCorpus.Entry::definition).toList());
  }

  @Test
  void refusesAnotherCorpus() {
    Path file = directory.resolve("other.jsonl");
    assertThat(execute("corpus", "wikipedia", "--out", file.toString())).isEqualTo(2);
    assertThat(file).doesNotExist();
  }

  private static int execute(String... arguments) {
    CommandLine commandLine = Mneme.commandLine();
    commandLine.setOut(new PrintWriter(new StringWriter()));
    commandLine.setErr(new PrintWriter(new StringWriter()));
    return commandLine.execute(arguments);
  }

  private static List<String> texts(Path file, String field) {
    List<String> texts = new ArrayList<>();
    try (DocumentCursor cursor = new JsonlSource(file, field).open()) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
    }
    return texts;
  }
}
