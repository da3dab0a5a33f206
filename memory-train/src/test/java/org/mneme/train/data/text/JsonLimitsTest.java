// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.SkippedLines;
import org.mneme.train.data.document.SourceTexts;

/** Text at the limits of a JSON parser, and text that looks like JSON. */
class JsonLimitsTest {

  @TempDir Path directory;

  @Test
  void fieldsThatAreNotReadHaveNoLimits() throws IOException {
    assertThat(texts(CompressedTextTest.resource("hugeint.jsonl"))).hasSize(20);
    assertThat(texts(CompressedTextTest.resource("deep.jsonl"))).hasSize(21);
    assertThat(texts(CompressedTextTest.resource("nan.jsonl"))).hasSize(20);
    String deep = "[{\"a\":".repeat(200_000) + "1" + "}]".repeat(200_000);
    String name = "n".repeat(200_000);
    String digits = "9".repeat(200_000);
    Path file =
        write(
            "limits.jsonl",
            "{\"more\":" + deep + ",\"text\":\"a\"}\n",
            "{\"" + name + "\":1,\"text\":\"b\"}\n",
            "{\"more\":" + digits + "." + digits + "e-" + digits + ",\"text\":\"c\"}\n",
            "{\"x\":[NaN, Infinity, -Infinity],\"text\":\"d\"}\n");
    assertThat(texts(file)).containsExactly("a", "b", "c", "d");
    assertThat(sentences(file)).containsExactly("a", "b", "c", "d");
    Path array = write("limits.json", "[", Files.readString(file).strip().replace("\n", ","), "]");
    assertThat(sentences(array)).containsExactly("a", "b", "c", "d");
  }

  @Test
  void aDeepLineThatIsNotADocumentIsABadLine() throws IOException {
    Path nested = write("a.jsonl", "[".repeat(5000) + "]".repeat(5000) + "\n", "{\"text\":\"a\"}");
    assertThat(skip(nested).first().get(0).problem()).isEqualTo("found an array");
    assertThat(skip(write("b.jsonl", "{\"text\":\"a\"}\n" + "[".repeat(5000))).toString())
        .contains("line 2: not JSON: expected a value, got the end at column 5001");
    String sentence = "{\"text\":".repeat(3000) + "\"a\"" + "}".repeat(3000);
    assertThatThrownBy(() -> sentences(write("c.jsonl", sentence)))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("c.jsonl, line 1", "nested more than 1000 deep");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"text\":NaN}",
        "{\"text\":\"a\",}",
        "{'text':'a'}",
        "{text:\"a\"}",
        "{\"text\":\"a\\x\"}",
        "{\"text\":\"a\tb\"}",
        "{\"text\":\"\\u12g4\"}",
        "{\"n\":01,\"text\":\"a\"}",
        "{\"n\":+1,\"text\":\"a\"}",
        "{\"n\":1.,\"text\":\"a\"}",
        "{\"n\":[1 2],\"text\":\"a\"}",
        "{\"n\":[1,],\"text\":\"a\"}",
        "{\"n\":[1},\"text\":\"a\"}",
        "{\"n\":nul,\"text\":\"a\"}",
        "{\"text\":\"a\"}}",
        "{\"text\":\"a\"} x",
        "{\"text\":\"a",
        "{\"text\":\"a\"",
        "// {\"text\":\"a\"}",
        "\u0000{\"text\":\"a\"}",
        "\u0000\u0000\u0000{\"text\":\"a\"}",
        "{\"text\":\"a\"}\u0000",
        "{\"text\":\"a\",\"text\":\"b\"}",
        "{\"text\":\"\\ud83d\"}",
        "{\"text\":\"\\ude00\"}",
        "{\"text\":\"\\ud83d\\n\"}",
        "{\"text\":\"\\ud83d\\ud83d\"}"
      })
  void badLinesNameNoLibrary(String line) throws IOException {
    Path file = write("a.jsonl", "{\"text\":\"good\"}\n", line + "\n", "{\"text\":\"good\"}\n");
    SkippedLines skipped = skip(file);
    assertThat(skipped.count()).isOne();
    assertThat(skipped.first().get(0).line()).isEqualTo(2);
    assertThat(skipped.first().get(0).problem())
        .doesNotContainIgnoringCase("jackson")
        .doesNotContain("Source:", "Feature", "Constraints", "token '");
    assertThatThrownBy(() -> texts(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("a.jsonl, line 2: " + skipped.first().get(0).problem());
  }

  @Test
  void escapesAreDecoded() throws IOException {
    Path file =
        write(
            "a.jsonl",
            "{\"text\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00é€😀\"}");
    assertThat(texts(file)).containsExactly("\"\\/\b\f\n\r\tAé€😀é€😀");
  }

  @Test
  void aFieldThatOccursTwiceInAnObjectWouldLoseASentence() throws IOException {
    Path file = write("a.json", "[{\"text\":\"a\",\n\"text\":\"b\"}, {\"text\":\"c\"}]");
    assertThatThrownBy(() -> sentences(file))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.json, line 2", "\"text\" occurs twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void otherEncodingsAreNamed(String encoding) throws IOException {
    for (String text : new String[] {"{\"text\":\"a\"}\n", "[\"a\"]", "plain text", "\ufeff日本"}) {
      Path file = Files.write(directory.resolve("a"), text.getBytes(Charset.forName(encoding)));
      for (DocumentSource source : List.of(new JsonlSource(file), new SentenceSource(file))) {
        assertThatThrownBy(() -> SourceTexts.texts(source))
            .isInstanceOf(UserException.class)
            .hasMessageContainingAll("a: is in " + encoding, "iconv -f " + encoding);
      }
    }
  }

  @Test
  void aByteOrderMarkIsNotText() throws IOException {
    assertThat(sentences(write("a.txt", "\ufeffone\n", "two\n"))).containsExactly("one", "two");
    assertThat(sentences(write("b.json", "\ufeff[\"one\"]"))).containsExactly("one");
    assertThat(sentences(write("c", "\ufeff{\"text\":\"one\"}"))).containsExactly("one");
    assertThat(texts(write("d.jsonl", "\ufeff{\"text\":\"one\"}"))).containsExactly("one");
    assertThatThrownBy(() -> texts(write("e.jsonl", "\ufeff")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("e.jsonl: is empty");
  }

  @Test
  void aNulByteIsNotASentence() throws IOException {
    assertThatThrownBy(() -> sentences(write("a.txt", "one\n", "t\u0000wo\n")))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.txt, line 2", "a NUL byte at column 2");
  }

  private Path write(String name, String... parts) throws IOException {
    return Files.write(directory.resolve(name), String.join("", parts).getBytes(UTF_8));
  }

  private static SkippedLines skip(Path file) {
    List<String> texts = new ArrayList<>();
    try (DocumentCursor cursor = new JsonlSource(file, "text", BadLines.skip(0)).open()) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
      assertThat(texts).isNotEmpty();
      return cursor.skipped();
    }
  }

  private static List<String> texts(Path file) {
    return SourceTexts.texts(new JsonlSource(file));
  }

  private static List<String> sentences(Path file) {
    return SourceTexts.texts(new SentenceSource(file));
  }
}
