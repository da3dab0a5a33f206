// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.Damage;
import org.mneme.train.data.document.ProgressListener;

/**
 * Every option of a tokenizer.json is honoured or refused by name, and no file ends the process.
 */
class TokenizerFileTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final FileSystem MEMORY = Jimfs.newFileSystem(Configuration.unix());
  private static final Path FILE = MEMORY.getPath("tokenizer.json");
  private static final String TEXT = "the walking dogs, 12 naïve 日本 😀 <s>\n  x";
  private static final String[] SPITE = {
    "null",
    "true",
    "false",
    "-1",
    "0",
    "1",
    "2",
    "258",
    "259",
    "299",
    "300",
    "2147483647",
    "2147483648",
    "4294967296",
    "1e9",
    "0.5",
    "0.0",
    "\"\"",
    "\"a\"",
    "\"</w>\"",
    "\"##\"",
    "\"Ġ\"",
    "\"ByteLevel\"",
    "\"BPE\"",
    "\"<s>\"",
    "\"t h\"",
    "\"t  h\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"日\"",
    "[]",
    "{}",
    "[\"t\",\"h\"]",
    "[null]",
    "{\"type\":\"ByteLevel\"}",
    "{\"type\":\"Sequence\",\"decoders\":[]}",
    "{\"type\":\"NFC\"}"
  };

  private static ObjectNode good;

  @BeforeAll
  static void train() {
    good =
        new TokenizerJson(
                new BpeTrainer(new BpeConfig(300))
                    .train(Corpus.source(100, 1), ProgressListener.NONE))
            .tree();
  }

  @AfterAll
  static void close() throws IOException {
    MEMORY.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/model/dropout|0.3",
        "/model/dropout|\"0\"",
        "/model/end_of_word_suffix|\"</w>\"",
        "/model/continuing_subword_prefix|\"##\"",
        "/model/fuse_unk|true",
        "/model/byte_fallback|true",
        "/model/ignore_merges|true",
        "/model/unk_token|7",
        "/model/max_token_length|3",
        "/model/type|\"Unigram\"",
        "/decoder|null",
        "/decoder|{\"type\":\"WordPiece\"}",
        "/decoder|{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteLevel\"}]}",
        "/decoder/prefix|\"x\"",
        "/normalizer|{\"type\":\"NFKC\"}",
        "/normalizer|{\"type\":\"Sequence\",\"normalizers\":[]}",
        "/pre_tokenizer|null",
        "/pre_tokenizer|{\"type\":\"Whitespace\"}",
        "/pre_tokenizer/add_prefix_space|true",
        "/pre_tokenizer/add_prefix_space|null",
        "/pre_tokenizer/use_regex|false",
        "/pre_tokenizer/use_regex|\"yes\"",
        "/pre_tokenizer/pattern|\"x\"",
        "/post_processor|{\"type\":\"TemplateProcessing\",\"single\":[]}",
        "/truncation|{\"max_length\":8}",
        "/padding|{\"strategy\":\"BatchLongest\"}",
        "/version|\"2.0\"",
        "/other|1",
        "/added_tokens/0/special|false",
        "/added_tokens/0/lstrip|true",
        "/added_tokens/1/rstrip|true",
        "/added_tokens/2/single_word|true",
        "/added_tokens/1/id|-1",
        "/added_tokens/1/id|1.5",
        "/added_tokens/1/id|\"1\"",
        "/added_tokens/1/id|4294967297",
        "/added_tokens/1/content|\"\"",
        "/added_tokens/1/content|7",
        "/added_tokens/1/content|\"<pad>\"",
        "/added_tokens/1/color|1",
        "/added_tokens|{}",
        "/added_tokens|null",
        "/model/vocab|[]",
        "/model/vocab/a|\"5\"",
        "/model/vocab/a|-5",
        "/model/merges|{}",
        "/model/merges/0|7",
        "/model/merges/0|[\"t\",8]",
        "/model/merges/0|[\"t\"]",
        "/model/merges/0|\"t h e\""
      })
  void anOptionThatIsNotHonouredIsRefusedByName(String pointer, String value) throws IOException {
    String named = pointer.equals("/decoder") && !value.contains("\"Word") ? "/decoder" : pointer;
    assertRefused(with(pointer, value), "tokenizer.json", named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/model/dropout|0",
        "/model/dropout|0.0",
        "/model/end_of_word_suffix|\"\"",
        "/model/continuing_subword_prefix|\"\"",
        "/model/unk_token|\"<s>\"",
        "/pre_tokenizer/trim_offsets|false",
        "/decoder/trim_offsets|false",
        "/decoder/add_prefix_space|true",
        "/decoder/use_regex|false",
        "/post_processor|{\"type\":\"ByteLevel\",\"trim_offsets\":false}",
        "/added_tokens/0/normalized|true"
      })
  void anOptionWithoutEffectIsAccepted(String pointer, String value) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(with(pointer, value));
        Tokenizer plain = Tokenizer.load(write(good))) {
      assertThat(tokenizer.encode(TEXT))
          .isEqualTo(plain.encode(TEXT))
          .isEqualTo(tokenizer.encode(TEXT));
      assertThat(tokenizer.decode(tokenizer.encode(TEXT))).isEqualTo(TEXT);
    }
  }

  @Test
  void idsAreDenseAndUnique() throws IOException {
    assertRefused(with("/model/vocab/a", "300"), "no token has the id", "without a gap");
    assertRefused(with("/model/vocab/a", "2147483647"), "2147483647", "without a gap");
    assertRefused(with("/model/vocab/a", "70"), "has the id 70", "one token for each id");
    assertRefused(with("/model/vocab/<s>", "300"), "\"<s>\" has the id 1", "in /model/vocab 300");
    assertRefused(with("/added_tokens/1/id", "999"), "\"<s>\" has the id 999");
    assertRefused(
        with("/added_tokens/3", "{\"id\":301,\"content\":\"<x>\",\"special\":true}"),
        "no token has the id 300",
        "the highest id is 301, of \"<x>\"");
    Path more = with("/added_tokens/3", "{\"id\":300,\"content\":\"<x>\",\"special\":true}");
    try (Tokenizer tokenizer = Tokenizer.load(more)) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(301);
      assertThat(tokenizer.decode(new int[] {300}, false)).isEqualTo("<x>");
    }
  }

  @Test
  void mergesAreOfTokensAndEachOnce() throws IOException {
    String first = good.at("/model/merges/0").toString();
    assertRefused(with("/model/merges/1", first), "at /model/merges/1: occurs twice");
    assertRefused(with("/model/merges/0", "\"q z\""), "no token \"qz\"", "/model/merges/0");
    ObjectNode tree = good.deepCopy();
    ((ObjectNode) tree.at("/model/vocab")).put("<s", 300);
    ((ArrayNode) tree.at("/model/merges")).add("< s").add("<s >");
    assertRefused(write(tree), "\"<s >\" at /model/merges", "makes a special token of text");
  }

  @Test
  void aVocabularyWithoutAByteIsRefused() throws IOException {
    ObjectNode tree = good.deepCopy();
    ObjectNode vocab = (ObjectNode) tree.at("/model/vocab");
    vocab.set("AAAA", vocab.remove("A"));
    assertRefused(write(tree), "no token \"A\"", "256 bytes");
  }

  @Test
  void nothingIsWrittenTwice() throws IOException {
    String text = good.toString();
    assertRefused(
        write(text.replace("\"dropout\":null", "\"dropout\":0.5,\"dropout\":null")), "twice");
    assertRefused(write(text + "{}"), "not JSON");
    assertRefused(write("[".repeat(100_000)), "nested too deep");
    assertRefused(write(""), "found nothing at /model/type");
    assertThat(Tokenizer.load(write("\ufeff" + text)).vocabularySize()).isEqualTo(300);
  }

  @Test
  void longTokensAreRead() throws IOException {
    ObjectNode tree = good.deepCopy();
    String left = "a".repeat(70_000);
    ObjectNode vocab = (ObjectNode) tree.at("/model/vocab");
    vocab.put(left, 300);
    vocab.put(left + "a", 301);
    ((ArrayNode) tree.at("/model/merges")).add(left + " a");
    try (Tokenizer tokenizer = Tokenizer.load(write(tree))) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(302);
      assertThat(tokenizer.decode(new int[] {301})).isEqualTo(left + "a");
    }
  }

  @Test
  void fuzzedFilesAreRefusedOrEncodeAndDecode() throws IOException {
    long seed = 8;
    Random random = new Random(seed);
    byte[] bytes = good.toString().getBytes(StandardCharsets.UTF_8);
    int refused = 0;
    for (int round = 0; round < Damage.ROUNDS; round++) {
      byte[] bad =
          round % 4 == 0
              ? Damage.of(bytes, random)
              : altered(random).toString().getBytes(StandardCharsets.UTF_8);
      refused += survives(bad, "round " + round + " of seed " + seed) ? 0 : 1;
    }
    System.out.printf(
        "fuzz tokenizer.json: %d inputs, seed %d, %d refused%n", Damage.ROUNDS, seed, refused);
    assertThat(refused).isBetween(Damage.ROUNDS / 2, Damage.ROUNDS - 1);
  }

  private static boolean survives(byte[] content, String where) throws IOException {
    Files.write(FILE, content);
    try (Tokenizer tokenizer = Tokenizer.load(FILE)) {
      int[] ids = tokenizer.encode(TEXT);
      assertThat(Arrays.stream(ids))
          .as(where)
          .allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
      assertThat(tokenizer.decode(ids, false)).as(where).isEqualTo(TEXT);
      int last = tokenizer.vocabularySize() - 1;
      for (int id : new int[] {0, 1, 2, last}) {
        assertThat(tokenizer.decode(new int[] {id}, false)).as(where).isNotEmpty();
      }
      return true;
    } catch (UserException e) {
      assertThat(e.getMessage())
          .as(where)
          .contains("tokenizer.json")
          .doesNotContain("jackson", "Source:", "Constraints", "Exception");
      return false;
    }
  }

  /** The good file with a few nodes that are replaced, removed or moved. */
  private static JsonNode altered(Random random) throws IOException {
    JsonNode tree = good.deepCopy();
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      JsonNode parent = container(tree, random);
      JsonNode value = JSON.readTree(SPITE[random.nextInt(SPITE.length)]);
      if (parent instanceof ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String name = names.get(random.nextInt(names.size()));
        if (random.nextInt(8) == 0) {
          object.remove(name);
        } else {
          object.set(name, value);
        }
      } else if (parent instanceof ArrayNode array) {
        int at = random.nextInt(array.size());
        switch (random.nextInt(4)) {
          case 0 -> array.remove(at);
          case 1 -> array.insert(random.nextInt(array.size()), array.get(at).deepCopy());
          default -> array.set(at, value);
        }
      }
    }
    return tree;
  }

  private static JsonNode container(JsonNode from, Random random) {
    JsonNode node = from;
    while (true) {
      List<JsonNode> inner = new ArrayList<>();
      node.elements()
          .forEachRemaining(
              e -> {
                if (e.isContainerNode() && !e.isEmpty()) {
                  inner.add(e);
                }
              });
      if (inner.isEmpty() || random.nextInt(3) == 0) {
        return node;
      }
      node = inner.get(random.nextInt(inner.size()));
    }
  }

  private static Path with(String pointer, String value) throws IOException {
    ObjectNode tree = good.deepCopy();
    int slash = pointer.lastIndexOf('/');
    JsonNode parent = tree.at(pointer.substring(0, slash));
    String last = pointer.substring(slash + 1);
    if (parent instanceof ArrayNode array) {
      int index = Integer.parseInt(last);
      if (index == array.size()) {
        array.add(JSON.readTree(value));
      } else {
        array.set(index, JSON.readTree(value));
      }
    } else {
      ((ObjectNode) parent).set(last, JSON.readTree(value));
    }
    return write(tree);
  }

  private static Path write(JsonNode tree) throws IOException {
    return write(tree.toString());
  }

  private static Path write(String content) throws IOException {
    return Files.writeString(FILE, content);
  }

  private static void assertRefused(Path path, String... parts) {
    assertThatThrownBy(() -> Tokenizer.load(path).close())
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(parts);
  }
}
