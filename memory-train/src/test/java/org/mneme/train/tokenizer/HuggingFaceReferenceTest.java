// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.text.JsonlSource;

/** Holds training and encoding to what Hugging Face's tokenizers made of {@code corpus.jsonl}. */
class HuggingFaceReferenceTest {

  @TempDir static Path directory;
  private static final List<String> TEXTS = new ArrayList<>();
  private static JsonNode reference;
  private static BpeVocabulary vocabulary;

  @BeforeAll
  static void train() throws IOException, URISyntaxException {
    reference =
        new ObjectMapper()
            .readTree(HuggingFaceReferenceTest.class.getResourceAsStream("reference.json"));
    Path corpus = Path.of(HuggingFaceReferenceTest.class.getResource("corpus.jsonl").toURI());
    JsonlSource source = new JsonlSource(corpus);
    try (DocumentCursor cursor = source.open()) {
      cursor.forEachRemaining(document -> TEXTS.add(document.text()));
    }
    int size = reference.path("tokens").size();
    vocabulary = new BpeTrainer(new BpeConfig(size)).train(source, ProgressListener.NONE);
  }

  @Test
  void learnsTheSameVocabularyAndMerges() {
    List<String> tokens = new ArrayList<>();
    reference.path("tokens").forEach(token -> tokens.add(token.asText()));
    assertThat(vocabulary.tokens()).isEqualTo(tokens);
    List<String> merges = new ArrayList<>();
    reference
        .path("merges")
        .forEach(merge -> merges.add(merge.path(0).asText() + " " + merge.path(1).asText()));
    assertThat(
            vocabulary.merges().stream()
                .map(merge -> tokens.get(merge.left()) + " " + tokens.get(merge.right())))
        .isEqualTo(merges);
  }

  @Test
  void encodesToTheSameIds() {
    Path file = directory.resolve("tokenizer.json");
    vocabulary.write(file);
    TokenizerFile parsed = TokenizerFile.read(file);
    ByteLevelBpe java = new ByteLevelBpe(parsed.vocabulary(), parsed.merges());
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      for (int i = 0; i < TEXTS.size(); i++) {
        JsonNode ids = reference.path("ids").get(i);
        int[] expected = IntStream.range(0, ids.size()).map(j -> ids.get(j).asInt()).toArray();
        assertThat(java.encode(TEXTS.get(i))).isEqualTo(expected);
        assertThat(tokenizer.encode(TEXTS.get(i))).isEqualTo(expected);
      }
    }
  }
}
