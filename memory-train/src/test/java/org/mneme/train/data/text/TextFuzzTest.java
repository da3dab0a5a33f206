// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.google.common.base.Utf8;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.Damage;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;

/**
 * A damaged file is refused by a {@link UserException}, or everything in it is read: never another
 * exception, and never a document less without a word.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TextFuzzTest {

  private static final JsonFactory OTHER_PARSER =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(10_000).build())
          .build()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature());

  private FileSystem memory;
  private int refused;

  @BeforeEach
  void openFiles() {
    memory = Jimfs.newFileSystem(Configuration.unix());
  }

  @AfterEach
  void closeFiles() throws IOException {
    memory.close();
  }

  /** Documents of a pass and the bad lines that were skipped. */
  private record Pass(List<String> texts, long skipped) {}

  @Test
  void gzip() throws IOException {
    byte[] one = CompressedTextTest.gzip(lines(0, 5));
    byte[] two = CompressedTextTest.gzip(lines(5, 10));
    byte[] good = Bytes.concat(one, two);
    damageCompressed("gzip", good, one.length, 1);
  }

  @Test
  void zstd() throws IOException {
    byte[] one = CompressedTextTest.zstd(lines(0, 5));
    byte[] two = CompressedTextTest.zstd(lines(5, 10));
    damageCompressed("zstd", Bytes.concat(one, two), one.length, 2);
  }

  @Test
  void xz() throws IOException {
    byte[] one = CompressedTextTest.xz(lines(0, 5));
    byte[] two = CompressedTextTest.xz(lines(5, 10));
    damageCompressed("xz", Bytes.concat(one, two), one.length, 3);
  }

  /** Checksums leave two outcomes: all ten documents, or an error. */
  private void damageCompressed(String name, byte[] good, int border, long seed)
      throws IOException {
    Function<Path, DocumentSource> source = JsonlSource::new;
    List<String> all = read(source, good).texts();
    assertThat(all).hasSize(10);
    Random random = new Random(seed);
    for (int round = 0; round < Damage.ROUNDS; round++) {
      byte[] bad = Damage.of(good, random);
      Pass pass = read(source, bad);
      if (pass != null && !isCutAt(border, bad)) {
        assertThat(pass.texts()).as("round %s of seed %s", round, seed).isEqualTo(all);
      }
    }
    report(name, seed);
  }

  /** A file that is cut between two members, or zero from there on, is a good file of one. */
  private static boolean isCutAt(int border, byte[] bad) {
    return bad.length >= border && IntStream.range(border, bad.length).allMatch(i -> bad[i] == 0);
  }

  @Test
  void jsonLines() throws IOException {
    long seed = 4;
    Random random = new Random(seed);
    byte[] good = lines(0, 6);
    for (int round = 0; round < Damage.ROUNDS; round++) {
      byte[] bad = Damage.of(good, random);
      Pass pass = read(file -> new JsonlSource(file, "text", BadLines.skip(0)), bad);
      Pass strict = read(JsonlSource::new, bad);
      String where = "round " + round + " of seed " + seed;
      if (pass != null) {
        assertThat(pass.texts().size() + pass.skipped()).as(where).isEqualTo(notBlank(bad));
        assertThat(pass.texts()).as(where).isEqualTo(byOtherParser(bad));
        assertThat(strict == null).as(where).isEqualTo(pass.skipped() > 0);
      }
    }
    report("JSONL", seed);
  }

  @Test
  void sentencesInJson() throws IOException {
    long seed = 5;
    Random random = new Random(seed);
    String array = new String(lines(0, 6), UTF_8).strip().replace("\n", ",\n");
    byte[] good = ("[" + array + "]").getBytes(UTF_8);
    for (int round = 0; round < Damage.ROUNDS; round++) {
      byte[] bad = Damage.of(good, random);
      Pass pass = read(f -> new SentenceSource(f, SentenceFormat.JSON, "", BadLines.STOP), bad);
      if (pass != null) {
        // Whatever else has changed, each of the values that are left was read.
        int braces = (int) IntStream.range(0, bad.length).filter(i -> bad[i] == '{').count();
        assertThat(pass.texts()).as("round %s of seed %s", round, seed).hasSizeGreaterThan(0);
        assertThat(pass.texts().size()).isLessThanOrEqualTo(braces + 6);
      }
    }
    report("JSON", seed);
  }

  @Test
  void plainSentences() throws IOException {
    long seed = 6;
    Random random = new Random(seed);
    byte[] good = "one\ntwo é\n\n日本 three\n😀\r\nfive\nsix".getBytes(UTF_8);
    for (int round = 0; round < Damage.ROUNDS; round++) {
      byte[] bad = Damage.of(good, random);
      Pass pass = read(f -> new SentenceSource(f, SentenceFormat.TEXT, "", BadLines.skip(0)), bad);
      if (pass != null) {
        assertThat(pass.texts().size() + pass.skipped())
            .as("round %s of seed %s", round, seed)
            .isEqualTo(notBlank(bad));
      }
    }
    report("plain sentences", seed);
  }

  private void report(String name, long seed) {
    System.out.printf(
        "fuzz %s: %d inputs, seed %d, %d refused%n", name, Damage.ROUNDS, seed, refused);
    assertThat(refused).isGreaterThan(0);
  }

  /** Reads a file to its end; null where it is refused. */
  private Pass read(Function<Path, DocumentSource> source, byte[] content) throws IOException {
    Path file = Files.write(memory.getPath("fuzzed"), content);
    List<String> texts = new ArrayList<>();
    try (DocumentCursor cursor = source.apply(file).open()) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
      return new Pass(texts, cursor.skipped().count());
    } catch (UserException e) {
      refused++;
      assertThat(e.getMessage()).contains("fuzzed").doesNotContain("jackson", "Source:", ": null");
      return null;
    }
  }

  private static byte[] lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                "{\"id\": "
                    + i * 1.5e-3
                    + ", \"text\": \"document "
                    + i
                    + " \\u00e9 \\ud83d\\ude00 日本 \\n\", \"more\": [1, {\"text\": null}, true]}\n")
        .collect(Collectors.joining())
        .getBytes(UTF_8);
  }

  private static List<byte[]> split(byte[] content) {
    List<byte[]> lines = new ArrayList<>();
    int start =
        content.length >= 3 && content[0] == (byte) 0xef && content[1] == (byte) 0xbb ? 3 : 0;
    for (int i = start; i <= content.length; i++) {
      if (i == content.length || content[i] == '\n') {
        lines.add(java.util.Arrays.copyOfRange(content, start, i));
        start = i + 1;
      }
    }
    return lines;
  }

  private static long notBlank(byte[] content) {
    return split(content).stream().filter(line -> !Utf8Lines.isBlank(line, 0, line.length)).count();
  }

  /** The documents that an independent parser finds in the lines. */
  private static List<String> byOtherParser(byte[] content) throws IOException {
    List<String> texts = new ArrayList<>();
    for (byte[] line : split(content)) {
      if (Utf8.isWellFormed(line)) {
        try (JsonParser parser = OTHER_PARSER.createParser(new String(line, UTF_8))) {
          texts.addAll(byOtherParser(parser));
        } catch (JsonProcessingException e) {
          // A bad line.
        }
      }
    }
    return texts;
  }

  private static List<String> byOtherParser(JsonParser parser) throws IOException {
    List<String> texts = new ArrayList<>();
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return texts;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean wanted = parser.currentName().equals("text");
      boolean string = parser.nextToken() == JsonToken.VALUE_STRING;
      if (wanted) {
        texts.add(string ? parser.getText() : "\ud800");
      }
      parser.skipChildren();
    }
    boolean good =
        parser.nextToken() == null
            && texts.size() == 1
            && UTF_8.newEncoder().canEncode(texts.get(0));
    return good ? texts : List.of();
  }
}
