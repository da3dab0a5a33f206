// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.Letters;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;

class DataSplitTest {

  @TempDir Path directory;

  @Test
  void everyDocumentIsOnOneSide() {
    DataSplit split = DataSplit.of(shard(2000), 0.1, 7);
    List<Integer> training = numbers(split.training());
    List<Integer> validation = numbers(split.validation());
    assertThat(training).doesNotContainAnyElementsOf(validation);
    assertThat(training.size() + validation.size()).isEqualTo(2000);
    assertThat((double) validation.size()).isCloseTo(200, within(50.0));
    assertThat(split.training().tokens() + split.validation().tokens())
        .isEqualTo(shard(2000).tokens());
  }

  @Test
  void dependsOnTheSeedAlone() {
    List<Integer> once = numbers(DataSplit.of(shard(500), 0.2, 1).validation());
    assertThat(numbers(DataSplit.of(shard(500), 0.2, 1).validation())).isEqualTo(once);
    assertThat(numbers(DataSplit.of(shard(500), 0.2, 2).validation())).isNotEqualTo(once);
  }

  @Test
  void furtherDocumentsMoveNone() {
    List<Integer> before = numbers(DataSplit.of(shard(500), 0.2, 1).validation());
    List<Integer> after = numbers(DataSplit.of(shard(800), 0.2, 1).validation());
    assertThat(after.subList(0, before.size())).isEqualTo(before);
    assertThat(after.get(before.size())).isGreaterThanOrEqualTo(500);
  }

  @Test
  void bothSidesHaveSome() {
    for (long seed = 0; seed < 50; seed++) {
      DataSplit few = DataSplit.of(shard(2), 0.001, seed);
      assertThat(few.validation().size()).isEqualTo(1);
      assertThat(few.training().size()).isEqualTo(1);
      assertThat(DataSplit.of(shard(3), 0.999, seed).training().size()).isPositive();
    }
  }

  @Test
  void holdsNoneOutWhereNoneIsAskedFor() {
    DataSplit split = DataSplit.of(shard(3), 0, 1);
    assertThat(split.training().size()).isEqualTo(3);
    assertThat(split.validation().size()).isZero();
  }

  @Test
  void countsHeldOutDocumentsThatAreLearnedToo() {
    TokenShard shard =
        new TokenShards(directory)
            .buildOrOpen(
                Letters.source("ab", "ba", "ab", "abc", "x", "ba", "ab"),
                new Letters(),
                ProgressListener.NONE);
    DocumentSet training = new DocumentSet(shard, new int[] {0, 1, 4});
    assertThat(new DataSplit(training, new DocumentSet(shard, new int[] {2, 3, 5, 6})).duplicates())
        .isEqualTo(3);
    assertThat(new DataSplit(training, new DocumentSet(shard, new int[] {3})).duplicates())
        .isZero();
  }

  @Test
  void refusesWhatCannotBeDivided() {
    assertThatThrownBy(() -> DataSplit.of(shard(1), 0.1, 1))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("1 document")
        .hasMessageNotContaining(".tokens");
    for (double fraction : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> DataSplit.of(shard(5), fraction, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("validationFraction is " + fraction);
    }
  }

  private TokenShard shard(int documents) {
    String[] texts = new String[documents];
    Arrays.setAll(texts, i -> "a".repeat(1 + i % 5));
    return new TokenShards(directory)
        .buildOrOpen(Letters.source(texts), new Letters(), ProgressListener.NONE);
  }

  private static List<Integer> numbers(DocumentSet documents) {
    return IntStream.range(0, documents.size()).mapToObj(documents::number).toList();
  }
}
