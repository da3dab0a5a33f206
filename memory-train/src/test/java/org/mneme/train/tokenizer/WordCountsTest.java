// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;

class WordCountsTest {

  @TempDir Path directory;

  @Test
  void aLongRunOfOneCharacterGivesAFileThatCanBeReadAgain() {
    String run = "a".repeat(1 << 20);
    Path file = directory.resolve("tokenizer.json");
    BpeVocabulary learned =
        new BpeTrainer(new BpeConfig(300)).train(source(run, "b c b c b c"), ProgressListener.NONE);
    assertThat(learned.tokens())
        .contains("a".repeat(BpeTrainer.LONGEST_TOKEN))
        .allMatch(token -> token.length() <= BpeTrainer.LONGEST_TOKEN);
    learned.write(file);
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      int[] ids = tokenizer.encode(run);
      assertThat(ids).hasSize((1 << 20) / BpeTrainer.LONGEST_TOKEN);
      assertThat(tokenizer.decode(ids)).isEqualTo(run);
    }
  }

  @Test
  void longPiecesAreCountedInParts() {
    String face = "😀";
    Map<String, Long> counts = count(new WordCounts(), face.repeat(20_000) + " x");
    assertThat(counts.keySet()).allMatch(word -> word.length() <= WordCounts.LONGEST);
    assertThat(counts.keySet()).allMatch(word -> word.startsWith(face) || word.equals(" x"));
    long characters =
        counts.entrySet().stream().mapToLong(e -> e.getKey().length() * e.getValue()).sum();
    assertThat(characters).isEqualTo(40_002);
  }

  @Test
  void theRarestOfTooManyWordsAreLeftOutWhateverTheOrder() {
    String rare =
        IntStream.range(0, 5000)
            .mapToObj(i -> "w" + (char) (i + 0x4e00))
            .collect(Collectors.joining(" "));
    String often = "often ".repeat(200);
    WordCounts counts = new WordCounts(100, 10_000);
    Map<String, Long> found = count(counts, often + rare);
    assertThat(counts.size()).isLessThanOrEqualTo(100);
    assertThat(found).containsEntry(" often", 199L);
    assertThat(found).isEqualTo(count(new WordCounts(100, 10_000), often + rare));
    WordCounts few = new WordCounts(1000, 50);
    assertThat(count(few, often + rare)).containsEntry(" often", 199L);
    assertThat(few.size()).isLessThan(50);
  }

  private static Map<String, Long> count(WordCounts counts, String... texts) {
    counts.count(source(texts), ProgressListener.NONE);
    Map<String, Long> found = new HashMap<>();
    counts.forEach(found::put);
    return found;
  }

  private static DocumentSource source(String... texts) {
    return DocumentSource.of(
        "texts", List.copyOf(Arrays.stream(texts).map(Document::new).toList()));
  }
}
