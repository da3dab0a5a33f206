// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.ProgressListener;

class TokenizerTest {

  private static final BpeConfig CONFIG = new BpeConfig(500);

  @TempDir static Path directory;
  private static Path file;
  private static Tokenizer tokenizer;

  @BeforeAll
  static void train() {
    file = directory.resolve("tokenizer.json");
    new BpeTrainer(CONFIG).train(Corpus.source(400, 1), ProgressListener.NONE).write(file);
    tokenizer = Tokenizer.load(file);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void knowsItsSpecialTokensAndItsSize() {
    assertThat(tokenizer.padId()).isZero();
    assertThat(tokenizer.beginId()).isEqualTo(1);
    assertThat(tokenizer.endId()).isEqualTo(2);
    assertThat(tokenizer.vocabularySize()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a",
        "  leading and trailing  ",
        "tabs\tand\r\nlines\n\n\n",
        "été, naïve Straße; 知識と記憶 знание עברית हिन्दी ไทย",
        "combining e\u0301, wide\u3000blank, no\u00a0break, zero\u200bwidth, mark \ufe0e \ufeff",
        "emoji 😀👩‍👩‍👧 flags 🇪🇺 letters 𝒜𝔅 and 𠀀",
        "a NUL \u0000 within",
        "names of tokens <s> </s> <pad> <s></s> are text",
        "\uffff\ufffd\u0001\u007f"
      })
  void decodesWhatItEncoded(String text) {
    int[] ids = tokenizer.encode(text);
    assertThat(tokenizer.decode(ids)).isEqualTo(text);
    assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
    assertThat(ids).doesNotContain(0, 1, 2);
  }

  @Test
  void neitherTruncatesNorPads() {
    String text = "remembering memory ".repeat(5000);
    int[] ids = tokenizer.encode(text);
    assertThat(ids.length).isGreaterThan(5000);
    assertThat(tokenizer.decode(ids)).isEqualTo(text);
    List<int[]> batch = tokenizer.encode(List.of("a", text, ""));
    assertThat(batch.get(0)).hasSize(1);
    assertThat(batch.get(1)).isEqualTo(ids);
    assertThat(batch.get(2)).isEmpty();
  }

  @Test
  void encodesToTheSameIdsAsDjlDoesWithWholeTexts() throws IOException {
    TokenizerFile parsed = TokenizerFile.read(file);
    ByteLevelBpe java = new ByteLevelBpe(parsed.vocabulary(), parsed.merges());
    List<String> texts = new ArrayList<>();
    // DJL cannot be given characters beyond U+FFFF.
    Corpus.texts(300, 7).forEach(text -> texts.add(text.replaceAll("[^\\x00-\\uffff]", "?")));
    texts.add("unseen Wörter, with 12345 digits!?");
    texts.add("aaaaaaaaaaaaaaa   sssss\n\n \t x");
    texts.add("one" + "more".repeat(100) + " time");
    try (HuggingFaceTokenizer djl =
        HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false"))) {
      for (String text : texts) {
        int[] expected =
            LongStream.of(djl.encode(text, false, false).getIds()).mapToInt(i -> (int) i).toArray();
        assertThat(tokenizer.encode(text)).isEqualTo(expected);
        assertThat(java.encode(text)).isEqualTo(expected);
      }
    }
  }

  @Test
  void encodesInBatchesAsOneByOne() {
    List<String> texts = new ArrayList<>(Corpus.texts(50, 3));
    texts.add(0, "first <s> \u0000");
    List<int[]> batch = tokenizer.encode(texts);
    assertThat(batch).hasSize(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      assertThat(batch.get(i)).isEqualTo(tokenizer.encode(texts.get(i)));
    }
  }

  @Test
  void leavesSpecialTokensOutOrNamesThem() {
    int[] hello = tokenizer.encode("hello");
    int[] ids =
        IntStream.concat(IntStream.of(1), IntStream.concat(IntStream.of(hello), IntStream.of(2, 0)))
            .toArray();
    assertThat(tokenizer.decode(ids)).isEqualTo("hello");
    assertThat(tokenizer.decode(ids, false)).isEqualTo("<s>hello</s><pad>");
  }

  @Test
  void decodesACharacterCutInTwoToTheReplacement() {
    int[] ids = tokenizer.encode("\u2603");
    assertThat(ids.length).isGreaterThan(1);
    assertThat(tokenizer.decode(new int[] {ids[0]})).isEqualTo("\ufffd");
  }

  @Test
  void refusesIdsOutsideTheVocabulary() {
    assertThatThrownBy(() -> tokenizer.decode(new int[] {5, 500}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ids[1] is 500, expected 0 to 499");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesToEncodeOnceClosed() {
    Tokenizer closed = Tokenizer.load(file);
    closed.close();
    assertThatThrownBy(() -> closed.encode("a")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void writesItselfByteByByte() throws IOException {
    Path copy = directory.resolve("checkpoint/tokenizer.json");
    tokenizer.write(copy);
    assertThat(copy).hasSameBinaryContentAs(file);
    assertThat(tokenizer.sha256()).isEqualTo(Hashing.sha256().hashBytes(Files.readAllBytes(file)));
    try (Tokenizer again = Tokenizer.load(copy.getParent())) {
      assertThat(again.encode("walking")).isEqualTo(tokenizer.encode("walking"));
    }
  }

  @Test
  void refusesFilesThatAreNoTokenizer() throws IOException {
    assertRefused(directory.resolve("none.json"), "none.json", "no such file");
    assertRefused(write("text.json", "hello"), "text.json", "not JSON");
    assertRefused(write("empty.json", "{}"), "found nothing at /model/type", "\"BPE\"");
    String good = Files.readString(file);
    assertRefused(write("wp.json", good.replace("\"BPE\"", "\"WordPiece\"")), "\"WordPiece\"");
    assertRefused(
        write(
            "prefix.json", good.replace("\"add_prefix_space\" : false", "\"add_prefix_space\":1")),
        "/pre_tokenizer/add_prefix_space");
    assertRefused(
        write("merge.json", good.replaceFirst("\"merges\" : \\[ ", "\"merges\" : [ \"x\", ")),
        "\"x\" at /model/merges/0");
    assertRefused(
        write("token.json", good.replaceFirst("\"merges\" : \\[ ", "\"merges\" : [ \"q zz\", ")),
        "the vocabulary has no token \"zz\"");
  }

  @Test
  void refusesATokenizerWithoutTheSpecialTokensAskedFor() {
    SpecialTokens other = new SpecialTokens("<|im_start|>", "</s>", "<pad>");
    assertThatThrownBy(() -> Tokenizer.load(file, other))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("tokenizer.json", "<|im_start|>", "</s>");
  }

  private static Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private static void assertRefused(Path path, String... parts) {
    assertThatThrownBy(() -> Tokenizer.load(path))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(parts);
  }
}
