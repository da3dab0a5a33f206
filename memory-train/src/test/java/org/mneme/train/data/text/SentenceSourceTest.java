// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mneme.train.data.document.SourceTexts.texts;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.BadLine;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.Letters;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;

class SentenceSourceTest {
  /** As the published sentences of T-REx are. */
  private static final String TREX =
      """
      [
        {"input": [], "target": [
          {"sentence": "Austria borders Italy.", "subject": "Austria", "uuid": "1"},
          {"sentence": "Vienna is in Austria.", "object": {"text": "not this"}, "uuid": "2"}]},
        {"target": []},
        {"target": [{"subject": "x", "sentence": "The Inn is a river."}]}
      ]
      """;

  @TempDir Path directory;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private SentenceSource source(String name, String content, String field, BadLines policy)
      throws IOException {
    return new SentenceSource(write(name, content), SentenceFormat.AUTO, field, policy);
  }

  @Test
  void readsPublishedFiles() throws IOException {
    assertThat(texts(new SentenceSource(write("trex.json", TREX))))
        .containsExactly("Austria borders Italy.", "Vienna is in Austria.", "The Inn is a river.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.json  | [\"one\", \"two\"]",
        "b.json  | {\"sentences\": [\"one\", {\"sentence\": \"two\"}]}",
        "c.json  | [{\"sentence\": \"one\"}, {\"id\": 7, \"text\": \"two\"}]",
        "d.json  | {\"text\": \"one\"} {\"text\": \"two\"}",
        "e.jsonl | {\"text\": \"one\"}\\n{\"target\": [{\"sentence\": \"two\"}]}",
        "f.jsonl | \"one\"\\n\\n\"two\"",
        "g.txt   | one\\n\\n  two\\r\\n",
        "h       | \\n [{\"sentence\": \"one\"}, \"two\"]",
        "i       | {\"sentence\": \"one\"}\\n{\"sentence\": \"two\"}",
        "j       | one\\ntwo",
      })
  void readsJsonLinesAndPlainText(String name, String content) throws IOException {
    String unescaped = content.replace("\\n", "\n").replace("\\r", "\r");
    assertThat(texts(new SentenceSource(write(name, unescaped)))).containsExactly("one", "two");
  }

  @Test
  void readsCompressedJsonOverManyLines() throws IOException {
    Path file = directory.resolve("trex.json.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(TREX.getBytes());
    }
    assertThat(texts(new SentenceSource(file))).hasSize(3);
  }

  @Test
  void takesThePathThatIsAskedFor() throws IOException {
    String content = "[{\"text\": \"no\", \"facts\": [{\"en\": \"yes\", \"sentence\": \"no\"}]}]";
    assertThat(texts(source("a.json", content, "facts.en", BadLines.STOP))).containsExactly("yes");
    assertThat(texts(source("b.json", content, "text", BadLines.STOP))).containsExactly("no");
    assertThatThrownBy(() -> texts(source("c.json", content, "facts.de", BadLines.STOP)))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("c.json, line 1", "an object without", "\"facts.de\"");
  }

  @Test
  void tellsFileAndLineOfWhatIsNoSentence() throws IOException {
    String content = "[\n{\"sentence\": \"a\"},\n{\"id\": 1},\n17,\n{\"text\": null},\n\"b\"]";
    assertThatThrownBy(() -> texts(source("a.json", content, "", BadLines.STOP)))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.json, line 3", "an object without a sentence", "\"target\"");
    List<String> texts = new ArrayList<>();
    try (DocumentCursor cursor = source("b.json", content, "", BadLines.skip(0)).open()) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
      assertThat(cursor.skipped().first()).extracting(BadLine::line).containsExactly(3L, 4L, 5L);
    }
    assertThat(texts).containsExactly("a", "b");
  }

  @Test
  void aBadLineOfJsonlCanBeSkippedAndBrokenJsonCannot() throws IOException {
    String lines = "{\"sentence\": \"a\"}\n{\"sentence\": \n{\"sentence\": \"b\"}\n";
    assertThat(texts(source("a.jsonl", lines, "", BadLines.skip(0)))).containsExactly("a", "b");
    String cut = "[{\"sentence\": \"a\"},\n{\"sentence\": \"b\"\n";
    assertThatThrownBy(() -> texts(source("a.json", cut, "", BadLines.skip(0))))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.json, line 3", "not JSON");
  }

  @Test
  void refusesWhatHasNoSentence() throws IOException {
    assertThatThrownBy(() -> texts(new SentenceSource(write("a.json", "[]"))))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.json: has no sentence", "\"sentence\"");
    assertThatThrownBy(() -> new SentenceSource(directory.resolve("none.json")).fingerprint())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void isTokenisedOnceForEachWayOfReading() throws IOException {
    TokenShards shards = new TokenShards(directory.resolve("shards"));
    String content = "[{\"text\": \"abc\", \"other\": \"de\"}]";
    SentenceSource published = source("a.json", content, "", BadLines.STOP);
    Path first = shards.buildOrOpen(published, new Letters(), ProgressListener.NONE).file();
    assertThat(shards.buildOrOpen(published, new Letters(), ProgressListener.NONE).file())
        .isEqualTo(first);
    SentenceSource other = source("a.json", content, "other", BadLines.STOP);
    TokenShard second = shards.buildOrOpen(other, new Letters(), ProgressListener.NONE);
    assertThat(second.file()).isNotEqualTo(first);
    assertThat(second.tokens(0)).containsExactly(6, 7);
  }
}
