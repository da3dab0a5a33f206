// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.mneme.train.data.BatchConfig.Form.PACKED;
import static org.mneme.train.data.BatchConfig.Form.PADDED;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.Letters;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;

class BatchesTest {

  private static final int NO = Batch.MASKED;

  private final Letters letters = new Letters();

  @TempDir Path directory;

  @Test
  void padsOneDocumentASequence() {
    Batches batches = batches(config(PADDED, 2, 4, false), "ab", "abc", "abcd", "abcdefgh");
    BatchIterator iterator = batches.once();
    Batch first = iterator.next();
    assertThat(first.inputIds()).containsExactly(1, 3, 4, 2, 1, 3, 4, 5);
    assertThat(first.targets()).containsExactly(3, 4, 2, NO, 3, 4, 5, 2);
    assertThat(first.targetCount()).isEqualTo(7);
    assertThat(first.tokenCount()).isEqualTo(8);
    Batch second = iterator.next();
    assertThat(second.inputIds()).containsExactly(1, 3, 4, 5, 1, 3, 4, 5);
    assertThat(second.targets()).containsExactly(3, 4, 5, 6, 3, 4, 5, 6);
    assertThat(iterator.hasNext()).isFalse();
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void fillsShortSequencesWithPadding() {
    Batch batch = batches(config(PADDED, 1, 6, false), "a").once().next();
    assertThat(batch.inputIds()).containsExactly(1, 3, 2, 0, 0, 0);
    assertThat(batch.targets()).containsExactly(3, 2, NO, NO, NO, NO);
    assertThat(batch.targetCount()).isEqualTo(2);
    assertThat(batch.tokenCount()).isEqualTo(3);
  }

  @Test
  void packsDocumentsOneAfterTheOther() {
    // 1 a 2 1 b c 2 1 d 2, cut at every third token.
    BatchIterator iterator = batches(config(PACKED, 2, 3, false), "a", "bc", "d").once();
    Batch first = iterator.next();
    assertThat(first.inputIds()).containsExactly(1, 3, 2, 1, 4, 5);
    assertThat(first.targets()).containsExactly(3, 2, 1, 4, 5, 2);
    assertThat(first.targetCount()).isEqualTo(6);
    Batch second = iterator.next();
    assertThat(second.inputIds()).containsExactly(2, 1, 6, 0, 0, 0);
    assertThat(second.targets()).containsExactly(1, 6, 2, NO, NO, NO);
    assertThat(second.targetCount()).isEqualTo(3);
    assertThat(second.tokenCount()).isEqualTo(3);
    assertThat(iterator.hasNext()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(BatchConfig.Form.class)
  void aPlaceHasTheSameNumberWheneverItIsRead(BatchConfig.Form form) {
    String[] texts = texts(30);
    BatchIterator iterator = batches(config(form, 3, 7, true), texts).endless(DataPosition.START);
    Map<Integer, Integer> tokens = new HashMap<>();
    Map<Integer, Set<Long>> epochs = new HashMap<>();
    while (iterator.position().epoch() < 3) {
      long epoch = iterator.position().epoch();
      Batch batch = iterator.next();
      for (int i = 0; i < batch.inputIds().length; i++) {
        int token = batch.inputIds()[i];
        int source = batch.sources()[i];
        assertThat(source == 0).as("padding").isEqualTo(token == 0);
        if (source != 0) {
          assertThat(tokens.computeIfAbsent(source, s -> token)).isEqualTo(token);
          epochs.computeIfAbsent(source, s -> new HashSet<>()).add(epoch);
        }
      }
    }
    assertThat(epochs.values()).anyMatch(seen -> seen.size() == 3);
  }

  @ParameterizedTest
  @EnumSource(BatchConfig.Form.class)
  void noTwoPlacesHaveTheSameNumber(BatchConfig.Form form) {
    BatchIterator iterator = batches(config(form, 3, 7, true), texts(30)).once();
    Set<Integer> sources = new HashSet<>();
    while (iterator.hasNext()) {
      for (int source : iterator.next().sources()) {
        assertThat(source == 0 || sources.add(source)).isTrue();
      }
    }
  }

  @Test
  void packingLosesNothingAtAnyLength() {
    String[] texts = texts(40);
    List<Integer> row = new ArrayList<>();
    for (String text : texts) {
      row.add(1);
      Arrays.stream(letters.encode(text)).forEach(row::add);
      row.add(2);
    }
    for (int sequence = 1; sequence <= 30; sequence++) {
      List<Integer> inputs = new ArrayList<>();
      List<Integer> targets = new ArrayList<>();
      BatchIterator iterator = batches(config(PACKED, 3, sequence, false), texts).once();
      while (iterator.hasNext()) {
        Batch batch = iterator.next();
        int before = targets.size();
        Arrays.stream(batch.targets()).filter(t -> t != NO).forEach(targets::add);
        assertThat(targets.size() - before).isEqualTo(batch.targetCount());
        for (int i = 0; i < batch.targets().length; i++) {
          if (batch.targets()[i] != NO) {
            inputs.add(batch.inputIds()[i]);
          }
        }
      }
      assertThat(inputs).isEqualTo(row.subList(0, row.size() - 1));
      assertThat(targets).isEqualTo(row.subList(1, row.size()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shufflesEveryEpochAnew(BatchConfig.Form form) {
    String[] texts = texts(50);
    Batches ordered = batches(config(form, 1, 8, false), texts);
    Batches shuffled = batches(config(form, 1, 8, true), texts);
    assertThat(shuffled.sequencesPerEpoch()).isEqualTo(ordered.sequencesPerEpoch());
    List<String> order = rows(ordered.once());
    List<String> first = rows(shuffled.epochs(DataPosition.START, 1));
    List<String> second = rows(shuffled.epochs(new DataPosition(1, 0), 2));
    assertThat(first).isNotEqualTo(order).isNotEqualTo(second);
    assertThat(second).isNotEqualTo(order);
    assertThat(rows(shuffled.once())).isEqualTo(first);
    if (form == PADDED) {
      assertThat(first).containsExactlyInAnyOrderElementsOf(order);
      assertThat(second).containsExactlyInAnyOrderElementsOf(order);
    }
  }

  @Test
  void aShuffledPackedEpochHasEveryTokenOnce() {
    String[] texts = texts(50);
    Batches shuffled = batches(config(PACKED, 2, 8, true), texts);
    TreeMap<Integer, Integer> expected = new TreeMap<>();
    for (String text : texts) {
      Arrays.stream(letters.encode(text)).forEach(t -> expected.merge(t, 1, Integer::sum));
    }
    for (long epoch = 0; epoch < 3; epoch++) {
      TreeMap<Integer, Integer> counts = new TreeMap<>();
      shuffled
          .epochs(new DataPosition(epoch, 0), epoch + 1)
          .forEachRemaining(
              batch ->
                  Arrays.stream(batch.targets())
                      .filter(t -> t > Letters.END)
                      .forEach(t -> counts.merge(t, 1, Integer::sum)));
      assertThat(counts).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesOnWhereAnotherRunWas(BatchConfig.Form form) {
    Batches batches = batches(config(form, 4, 8, true), texts(30));
    BatchIterator whole = batches.endless(DataPosition.START);
    for (int step = 0; step < 40; step++) {
      DataPosition position = whole.position();
      Batch expected = whole.next();
      Batch resumed = batches.endless(position).next();
      assertThat(resumed.inputIds()).isEqualTo(expected.inputIds());
      assertThat(resumed.targets()).isEqualTo(expected.targets());
    }
    assertThat(whole.position().epoch()).isGreaterThan(1);
  }

  @Test
  void anEndlessRunCrossesEpochsWithinABatch() {
    Batches batches = batches(config(PADDED, 4, 3, false), "a", "b", "c");
    BatchIterator endless = batches.endless(DataPosition.START);
    assertThat(endless.next().inputIds()).containsExactly(1, 3, 2, 1, 4, 2, 1, 5, 2, 1, 3, 2);
    assertThat(endless.position()).isEqualTo(new DataPosition(1, 1));
    assertThat(batches.batchesPerEpoch()).isEqualTo(1);
    BatchIterator once = batches.once();
    assertThat(once.next().inputIds()).containsExactly(1, 3, 2, 1, 4, 2, 1, 5, 2, 0, 0, 0);
    assertThat(once.hasNext()).isFalse();
  }

  @Test
  void entropyIsThatOfTheTargets() {
    // Targets: a 2, a 2, b 2, each shown once: "2" three times of six, "a" twice, "b" once.
    Batches batches = batches(config(PADDED, 2, 5, false), "a", "a", "b");
    double expected = 0.5 * Math.log(2) + Math.log(3) / 3 + Math.log(6) / 6;
    assertThat(UnigramEntropy.ofTargets(batches.once(), 29)).isCloseTo(expected, within(1e-12));
    assertThatThrownBy(() -> UnigramEntropy.ofTargets(Collections.emptyIterator(), 29))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no target");
    assertThatThrownBy(() -> UnigramEntropy.ofTargets(batches.once(), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target 4, expected 0 to 3");
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> config(PADDED, 0, 3, false)).hasMessageContaining("batchSize is 0");
    assertThatThrownBy(() -> config(PADDED, 1, 0, false)).hasMessageContaining("sequenceLength");
    assertThatThrownBy(() -> config(PADDED, 1 << 20, 1 << 20, false)).hasMessageContaining("much");
    assertThatThrownBy(() -> new DataPosition(-1, 0))
        .hasMessageContaining("epoch: expected 0 or more, got -1");
    Batches batches = batches(config(PADDED, 1, 3, false), "a", "b");
    assertThatThrownBy(() -> batches.endless(new DataPosition(0, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("an index below 2");
    DocumentSet documents = documents("a");
    BatchConfig config = config(PADDED, 1, 3, false);
    assertThatThrownBy(() -> new Batches(documents, new Letters(77), config))
        .hasMessageContainingAll("29", "77");
    DocumentSet none = DataSplit.of(shard("a", "b"), 0, 1).validation();
    assertThatThrownBy(() -> new Batches(none, letters, config)).hasMessageContaining("empty");
  }

  private static BatchConfig config(
      BatchConfig.Form form, int batch, int sequence, boolean shuffle) {
    return new BatchConfig(form, batch, sequence, shuffle, 42);
  }

  private Batches batches(BatchConfig config, String... texts) {
    return new Batches(documents(texts), letters, config);
  }

  private DocumentSet documents(String... texts) {
    return DocumentSet.all(shard(texts));
  }

  private TokenShard shard(String... texts) {
    return new TokenShards(directory)
        .buildOrOpen(Letters.source(texts), letters, ProgressListener.NONE);
  }

  /** Texts of 1 to 27 letters, no two alike at the start. */
  private static String[] texts(int count) {
    String[] texts = new String[count];
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = 0; j <= (i * 7) % 27; j++) {
        text.append((char) ('a' + (i + j * (1 + i / 26)) % 26));
      }
      texts[i] = text.toString();
    }
    return texts;
  }

  private static List<String> rows(BatchIterator iterator) {
    List<String> rows = new ArrayList<>();
    iterator.forEachRemaining(batch -> rows.add(Arrays.toString(batch.inputIds())));
    return rows;
  }
}
