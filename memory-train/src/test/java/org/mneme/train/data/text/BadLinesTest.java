// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.BadLine;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.document.SkippedLines;
import org.mneme.train.data.shard.DataSummary;
import org.mneme.train.data.shard.Letters;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;

class BadLinesTest {
  private static final String LINES =
      """
      {"text": "a"}
      oops

      {"txt": "b"}
      {"text": "c"}
      {"text": 5}
      {"text": "d"} {}
      {"text": "e"}
      """;

  @TempDir Path directory;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private static SkippedLines read(DocumentSource source, List<String> texts) {
    try (DocumentCursor cursor = source.open()) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
      return cursor.skipped();
    }
  }

  private TokenShard shard(DocumentSource source) {
    return new TokenShards(directory.resolve("shards"))
        .buildOrOpen(source, new Letters(), ProgressListener.NONE);
  }

  @Test
  void areSkippedAndToldWithFileAndLine() throws IOException {
    Path file = write("a.jsonl", LINES);
    List<String> texts = new ArrayList<>();
    SkippedLines skipped = read(new JsonlSource(file, "text", BadLines.skip(0)), texts);
    assertThat(texts).containsExactly("a", "c", "e");
    assertThat(skipped.count()).isEqualTo(4);
    assertThat(skipped.first()).extracting(BadLine::line).containsExactly(2L, 4L, 6L, 7L);
    assertThat(skipped.first()).allMatch(line -> line.file().equals(file.toString()));
    assertThat(skipped.toString())
        .startsWith("4 bad lines skipped, the first: " + file + ", line 2: not JSON")
        .contains("line 4: no field \"text\"", "line 6: field \"text\" is a number");
  }

  @Test
  void stopBeyondTheLimitAndTellIt() throws IOException {
    Path file = write("a.jsonl", LINES);
    assertThat(read(new JsonlSource(file, "text", BadLines.skip(4)), new ArrayList<>()).count())
        .isEqualTo(4);
    JsonlSource source = new JsonlSource(file, "text", BadLines.skip(3));
    assertThatThrownBy(() -> read(source, new ArrayList<>()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.jsonl, line 7", "more after the end", "skipped before it: 3")
        .hasMessageContaining("max_bad_lines");
  }

  @Test
  void onlyTheFirstOnesAreKept() throws IOException {
    Path file = write("a.jsonl", "{\"text\": \"a\"}\n" + "bad\n".repeat(25));
    SkippedLines skipped = read(new JsonlSource(file, "text", BadLines.skip(0)), new ArrayList<>());
    assertThat(skipped.count()).isEqualTo(25);
    assertThat(skipped.first()).hasSize(SkippedLines.KEPT);
  }

  @Test
  void ofSeveralFilesAddUp() throws IOException {
    BadLines skip = BadLines.skip(0);
    DocumentSource both =
        DocumentSource.concat(
            List.of(
                new JsonlSource(write("a.jsonl", LINES), "text", skip),
                new JsonlSource(write("b.jsonl", "bad\n{\"text\":\"z\"}\n"), "text", skip)));
    List<String> texts = new ArrayList<>();
    SkippedLines skipped = read(both, texts);
    assertThat(texts).containsExactly("a", "c", "e", "z");
    assertThat(skipped.count()).isEqualTo(5);
    assertThat(skipped.first().get(4).file()).endsWith("b.jsonl");
  }

  @Test
  void aLineThatIsTooLongIsOneOfThem() throws IOException {
    String content =
        "{\"text\":\"a\"}\n" + "x".repeat(5000) + "\n{\"text\":\"b\"}\n" + "y".repeat(700_000);
    InputStream in = Files.newInputStream(write("long.jsonl", content));
    LineReader lines = new LineReader(in, 60);
    List<String> texts = new ArrayList<>();
    try (LineCursor cursor =
        new LineCursor(Path.of("long.jsonl"), new JsonText("text"), BadLines.skip(0), lines)) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
      assertThat(texts).containsExactly("a", "b");
      assertThat(cursor.skipped().first()).extracting(BadLine::line).containsExactly(2L, 4L);
      assertThat(cursor.skipped().toString()).contains("longer than 60 bytes");
    }
    assertThat(lines.buffer().length).isLessThan(200);
  }

  @Test
  void bytesThatAreNoUtf8AreSkippedToo() throws IOException {
    Path file = directory.resolve("latin1.jsonl");
    String text = "{\"text\":\"caf\u00e9\"}\n{\"text\":\"ok\"}\n";
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    List<String> texts = new ArrayList<>();
    assertThat(read(new JsonlSource(file, "text", BadLines.skip(1)), texts).count()).isOne();
    assertThat(texts).containsExactly("ok");
  }

  @Test
  void aFileOfBadLinesOnlyIsRefused() throws IOException {
    Path file = write("bad.jsonl", "bad\nbad\n");
    JsonlSource source = new JsonlSource(file, "text", BadLines.skip(0));
    assertThatThrownBy(() -> read(source, new ArrayList<>()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("bad.jsonl: 2 bad lines skipped", "expected on each line");
  }

  @Test
  void areRememberedByTheShard() throws IOException {
    JsonlSource source = new JsonlSource(write("a.jsonl", LINES), "text", BadLines.skip(9));
    DataSummary made = shard(source).summary();
    assertThat(made.skippedLines().count()).isEqualTo(4);
    assertThat(made.documents()).isEqualTo(3);
    assertThat(made.files()).extracting(DataFile::bytes).containsExactly((long) LINES.length());
    assertThat(shard(source).summary()).isEqualTo(made);
    assertThat(TokenShard.open(Path.of(made.shard())).summary()).isEqualTo(made);
  }

  @Test
  void whatWasReadWithThemSkippedIsNotFoundWhereTheyStop() throws IOException {
    Path file = write("a.jsonl", LINES);
    shard(new JsonlSource(file, "text", BadLines.skip(9)));
    assertThatThrownBy(() -> shard(new JsonlSource(file)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("a.jsonl, line 2");
    assertThatThrownBy(() -> shard(new JsonlSource(file, "text", BadLines.skip(1))))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("a.jsonl, line 4");
  }

  @Test
  void theSummaryNamesTheFilesOfThisRun() throws IOException {
    DataSummary made = shard(new JsonlSource(write("a.jsonl", "{\"text\":\"a\"}"))).summary();
    Path copy = Files.copy(Path.of(made.files().get(0).path()), directory.resolve("b.jsonl"));
    Files.move(Path.of(made.shard()), Path.of(made.shard().replace("a.jsonl", "b.jsonl")));
    DataSummary found = shard(new JsonlSource(copy)).summary();
    assertThat(found.files()).extracting(DataFile::path).containsExactly(copy.toString());
    assertThat(found.files().get(0).sha256())
        .isEqualTo(made.files().get(0).sha256())
        .isEqualTo("6193c97585a0f731ce7b500bb69d2476816afb14c8d95ac8e6e865f680e9e438");
  }

  @Test
  void aFileThatChangesWhileItIsReadIsRefused() throws IOException {
    Path file = write("a.jsonl", "{\"text\":\"a\"}\n");
    DataFile before = DataFile.of(file);
    before.requireUnchanged();
    Files.writeString(file, "{\"text\":\"ab\"}\n");
    assertThatThrownBy(before::requireUnchanged)
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.jsonl", "was changed while it was read");
  }
}
