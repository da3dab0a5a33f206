// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.SourceTexts;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class JsonlSourceTest {

  private static final String TWO =
      """
      {"id": 7, "text": "one", "more": {"text": "inner"}}

      {"text": "two \\u00e9 \\ud83d\\ude00 ünï\\n", "list": [1, {"text": 2}]}
      """;

  @TempDir Path directory;

  @Test
  void readsTheTextFieldOfEveryLine() throws IOException {
    assertThat(texts(write("a.jsonl", TWO))).containsExactly("one", "two é 😀 ünï\n");
  }

  @Test
  void readsWindowsLinesWithByteOrderMarkAndWithoutFinalNewline() throws IOException {
    Path file = write("a.jsonl", "\ufeff{\"text\":\"a\"}\r\n  \r\n{\"text\":\"b\"}");
    assertThat(texts(file)).containsExactly("a", "b");
  }

  @Test
  void tellsCompressionByContentAndNotByName() throws IOException {
    assertThat(texts(write("plain.gz", TWO))).hasSize(2);
    assertThat(texts(write("a.jsonl", gzip(TWO.getBytes(StandardCharsets.UTF_8))))).hasSize(2);
    byte[] zstd = Zstd.compress(TWO.getBytes(StandardCharsets.UTF_8));
    assertThat(texts(write("b.jsonl", zstd))).hasSize(2);
    assertThat(texts(write("twice.zst", concat(zstd, zstd)))).hasSize(4);
    byte[] xz = xz(TWO.getBytes(StandardCharsets.UTF_8));
    assertThat(texts(write("c.jsonl", xz))).isEqualTo(texts(write("c.txt", TWO)));
    assertThat(texts(write("twice.xz", concat(xz, xz)))).hasSize(4);
  }

  @Test
  void readsAnotherFieldWhenAsked() throws IOException {
    Path file = write("a.jsonl", "{\"body\":\"x\",\"text\":\"y\"}\n");
    assertThat(texts(new JsonlSource(file, "body"))).containsExactly("x");
  }

  @Test
  void readsLinesLongerThanTheBuffer() throws IOException {
    String longText = "word ".repeat(300_000);
    StringBuilder content = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      content.append("{\"text\":\"short\"}\n{\"text\":\"").append(longText).append("\"}\n");
    }
    List<String> texts = texts(write("long.jsonl", content.toString()));
    assertThat(texts).hasSize(6);
    assertThat(texts.get(1)).isEqualTo(longText);
    assertThat(texts.get(5)).isEqualTo(longText);
  }

  @Test
  void everyPassGivesTheSame() throws IOException {
    JsonlSource source = new JsonlSource(write("a.jsonl", TWO));
    assertThat(texts(source)).isEqualTo(texts(source));
  }

  @Test
  void staysAtTheEnd() throws IOException {
    String large = "{\"text\":\"" + "x".repeat(200_000) + "\"}\n";
    try (DocumentCursor cursor = new JsonlSource(write("a.jsonl", large.repeat(3))).open()) {
      cursor.forEachRemaining(document -> assertThat(document.text()).hasSize(200_000));
      assertThat(cursor.hasNext()).isFalse();
      assertThat(cursor.hasNext()).isFalse();
      assertThatThrownBy(cursor::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void hashesContentAndField() throws IOException {
    Path file = write("a.jsonl", TWO);
    assertThat(new JsonlSource(file).sha256())
        .isEqualTo(new JsonlSource(write("copy.jsonl", TWO)).sha256())
        .isNotEqualTo(new JsonlSource(write("other.jsonl", TWO + " ")).sha256())
        .isNotEqualTo(new JsonlSource(file, "id").sha256());
  }

  @Test
  void refusesAMissingFile() {
    Path file = directory.resolve("none.jsonl");
    assertRefused(new JsonlSource(file), file.toString(), "no such file");
    assertThatThrownBy(() -> new JsonlSource(file).sha256())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void refusesADirectory() {
    assertRefused(new JsonlSource(directory), directory.toString(), "is a directory");
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    assertRefused(write("empty.jsonl", ""), "empty.jsonl", "is empty", "\"text\"");
    assertRefused(write("blank.jsonl", "\n  \n"), "blank.jsonl", "is empty");
    assertRefused(write("empty.gz", gzip(new byte[0])), "empty.gz", "is empty");
  }

  @Test
  void refusesWhatIsNotUtf8() throws IOException {
    byte[] latin1 =
        "{\"text\":\"ok\"}\n{\"text\":\"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(write("latin1.jsonl", latin1), "line 2", "not UTF-8", "0xe9 at column 13");
    byte[] stray =
        concat("{\"text\":\"a".getBytes(StandardCharsets.UTF_8), new byte[] {(byte) 0x80});
    assertRefused(write("stray.jsonl", stray), "line 1", "0x80 at column 11");
  }

  @Test
  void refusesWhatIsNotJson() throws IOException {
    assertRefused(write("a.jsonl", "{\"text\":\"a\"}\n\nplain text\n"), "line 3", "not JSON");
    assertRefused(write("b.jsonl", "{\"text\":\"a\"\n"), "line 1", "not JSON");
    assertRefused(write("c.jsonl", "{\"text\":\"a\"} {}\n"), "line 1", "more after the end");
    assertRefused(write("d.jsonl", "[\"text\"]\n"), "line 1", "found an array");
    assertRefused(write("e.jsonl", "\"text\"\n"), "line 1", "found a string");
  }

  @Test
  void saysHowToConvertAnArrayOfObjects() throws IOException {
    for (String text :
        List.of("[{\"text\":\"a\"},{\"text\":\"b\"}]\n", "[\n  {\"text\": \"a\"}\n]\n", "[{\n")) {
      assertRefused(write("a.json", text), "line 1", "one object on each line", "jq -c '.[]'");
    }
  }

  @Test
  void namesTheKeyThatChoosesTheFieldWhereTheTextIsInAnother() throws IOException {
    String line = "{\"id\":1,\"content\":\"b\",\"a\\u001b\":\"" + "c".repeat(99) + "\"}\n";
    assertRefused(
        write("a.jsonl", line), "no field \"text\"", "(\"content\", \"a?\")", "data.text_field");
    assertRefused(write("b.jsonl", "{\"id\":1}\n"), "no field \"text\"", "in UTF-8");
  }

  @Test
  void saysHowToConvertLatin1() throws IOException {
    Path file = directory.resolve("latin.jsonl");
    Files.write(file, "{\"text\":\"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(file, "not UTF-8: byte 0xe9", "iconv -f ISO-8859-1 -t UTF-8 OLD > NEW");
  }

  @Test
  void refusesALineWithoutTheField() throws IOException {
    Path file = write("a.jsonl", "{\"text\":\"a\"}\n{\"content\":{\"text\":\"b\"}}\n");
    assertRefused(file, "a.jsonl, line 2", "no field \"text\"", "expected");
  }

  @Test
  void refusesATextThatIsNoString() throws IOException {
    assertRefused(write("a.jsonl", "{\"text\":12}\n"), "line 1", "\"text\" is a number");
    assertRefused(write("b.jsonl", "{\"text\":null}\n"), "line 1", "\"text\" is null");
    assertRefused(write("c.jsonl", "{\"text\":[\"a\"]}\n"), "line 1", "\"text\" is an array");
  }

  @Test
  void refusesDamagedCompression() throws IOException {
    byte[] text = TWO.repeat(2000).getBytes(StandardCharsets.UTF_8);
    byte[] gzip = gzip(text);
    assertRefused(write("cut.gz", Arrays.copyOf(gzip, gzip.length / 2)), "cut.gz", "cut short");
    byte[] zstd = Zstd.compress(text);
    assertRefused(write("cut.zst", Arrays.copyOf(zstd, zstd.length / 2)), "cut.zst", "cut short");
    byte[] xz = xz(text);
    assertRefused(write("cut.xz", Arrays.copyOf(xz, xz.length / 2)), "cut.xz", "cut short");
    xz[xz.length / 2] ^= 1;
    assertRefused(write("changed.xz", xz), "changed.xz", "damaged");
  }

  @Test
  void refusesFormatsThatItDoesNotRead() throws IOException {
    byte[] bzip2 = "BZh91AY&SY".getBytes(StandardCharsets.US_ASCII);
    assertRefused(write("a.jsonl.bz2", bzip2), "a.jsonl.bz2", "bzip2 format", "gzip, zstd or xz");
  }

  private void assertRefused(Path file, String... parts) {
    assertRefused(new JsonlSource(file), parts);
  }

  private void assertRefused(DocumentSource source, String... parts) {
    assertThatThrownBy(() -> texts(source))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(parts);
  }

  private Path write(String name, String content) throws IOException {
    return write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] xz(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (XZOutputStream out = new XZOutputStream(bytes, new LZMA2Options(1))) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static List<String> texts(Path file) {
    return texts(new JsonlSource(file));
  }

  private static List<String> texts(DocumentSource source) {
    return SourceTexts.texts(source);
  }
}
