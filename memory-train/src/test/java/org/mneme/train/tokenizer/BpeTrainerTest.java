// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;

class BpeTrainerTest {

  private static final int SPECIAL = 3;

  @Test
  void mergesWhatOccursMostAndBreaksTiesByIds() {
    // Pairs: "ab" 3, "bc" 2, " a" 2; then "Ġ"+"ab" 2 and "ab"+"c" 2, where "Ġ" has the lower id.
    BpeVocabulary vocabulary = train(262, 1, "abc ab abc");
    assertThat(vocabulary.tokens().subList(259, 262)).containsExactly("ab", "Ġab", "abc");
    assertThat(vocabulary.tokens().subList(0, 4)).containsExactly("<pad>", "<s>", "</s>", "!");
  }

  @Test
  void equalsASlowTrainerThatCountsAnewAtEveryMerge() {
    for (long seed = 1; seed <= 3; seed++) {
      BpeVocabulary fast =
          new BpeTrainer(new BpeConfig(420)).train(Corpus.source(60, seed), ProgressListener.NONE);
      assertThat(fast.tokens()).isEqualTo(slow(Corpus.texts(60, seed), 420, 2));
    }
  }

  @Test
  void countsOverlappingPairsAsTheSlowTrainer() {
    List<String> texts = List.of("aaaaaaa aaaa aaa ababab abab bababa xyxyxx", "aaaaa bbbb abba");
    BpeVocabulary fast = train(300, 1, texts.toArray(String[]::new));
    assertThat(fast.tokens()).isEqualTo(slow(texts, 300, 1));
  }

  @Test
  void isTheSameEveryTime() {
    BpeTrainer trainer = new BpeTrainer(new BpeConfig(400));
    BpeVocabulary first = trainer.train(Corpus.source(100, 5), ProgressListener.NONE);
    assertThat(trainer.train(Corpus.source(100, 5), ProgressListener.NONE)).isEqualTo(first);
  }

  @Test
  void stopsWhereNoPairOccursOftenEnough() {
    BpeVocabulary vocabulary = train(1000, 2, "ab ab xy");
    assertThat(vocabulary.tokens().subList(259, vocabulary.size())).containsExactly("ab");
    assertThat(train(1000, 100, "ab ab xy").size()).isEqualTo(259);
  }

  @Test
  void neverMergesToTheNameOfASpecialToken() {
    SpecialTokens special = new SpecialTokens("abc", "</s>", "<pad>");
    BpeVocabulary vocabulary =
        new BpeTrainer(new BpeConfig(300, 1, special))
            .train(source("abc abc abcd"), ProgressListener.NONE);
    assertThat(vocabulary.merges()).noneMatch(merge -> merge.merged() < SPECIAL);
    assertThat(vocabulary.tokens()).doesNotHaveDuplicates();
  }

  @Test
  void reportsProgress() {
    List<String> stages = new ArrayList<>();
    new BpeTrainer(new BpeConfig(300))
        .train(
            Corpus.source(50, 1),
            (stage, done, total) -> {
              assertThat(total == -1 || done <= total).isTrue();
              stages.add(stage);
            });
    assertThat(new TreeSet<>(stages)).containsExactly("count words", "merge");
  }

  @Test
  void refusesSizesThatCannotHoldTheBytes() {
    assertThatThrownBy(() -> new BpeConfig(258))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("vocabularySize is 258", "at least 259");
    SpecialTokens same = new SpecialTokens("<s>", "<s>", "<pad>");
    assertThatThrownBy(() -> new BpeConfig(300, 2, same))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must differ");
  }

  private static BpeVocabulary train(int size, long minimum, String... texts) {
    return new BpeTrainer(new BpeConfig(size, minimum, SpecialTokens.DEFAULT))
        .train(source(texts), ProgressListener.NONE);
  }

  private static DocumentSource source(String... texts) {
    return DocumentSource.of("test", Arrays.stream(texts).map(Document::new).toList());
  }

  /** BPE as in the paper: counts all pairs of all words before every merge. */
  private static List<String> slow(List<String> texts, int size, long minimum) {
    ByteAlphabet alphabet = new ByteAlphabet();
    List<String> tokens = new ArrayList<>(List.of("<pad>", "<s>", "</s>"));
    for (char c : alphabet.ordered()) {
      tokens.add(String.valueOf(c));
    }
    List<List<String>> words = new ArrayList<>();
    for (String text : texts) {
      new PreTokenizer()
          .split(
              text,
              (start, end) -> {
                List<String> word = new ArrayList<>();
                for (byte b : text.substring(start, end).getBytes(StandardCharsets.UTF_8)) {
                  word.add(String.valueOf(alphabet.character(b & 0xff)));
                }
                words.add(word);
              });
    }
    while (tokens.size() < size) {
      List<String> best = best(words, tokens, minimum);
      if (best == null) {
        break;
      }
      String merged = best.get(0) + best.get(1);
      if (!tokens.contains(merged)) {
        tokens.add(merged);
      }
      words.forEach(word -> merge(word, best, merged));
    }
    return tokens;
  }

  private static List<String> best(List<List<String>> words, List<String> tokens, long minimum) {
    Map<List<String>, Integer> counts = new HashMap<>();
    for (List<String> word : words) {
      for (int i = 0; i + 1 < word.size(); i++) {
        counts.merge(List.of(word.get(i), word.get(i + 1)), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= minimum)
        .min(
            Comparator.<Map.Entry<List<String>, Integer>>comparingInt(entry -> -entry.getValue())
                .thenComparing(entry -> tokens.indexOf(entry.getKey().get(0)))
                .thenComparing(entry -> tokens.indexOf(entry.getKey().get(1))))
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  private static void merge(List<String> word, List<String> pair, String merged) {
    for (int i = 0; i + 1 < word.size(); i++) {
      if (word.get(i).equals(pair.get(0)) && word.get(i + 1).equals(pair.get(1))) {
        word.set(i, merged);
        word.remove(i + 1);
      }
    }
  }
}
