// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;

class TextWindowsTest {
  private static final ByteCodec CODEC = new ByteCodec();

  private static List<WindowBatch> batches(int maxLength, int batchSize, String... texts) {
    return ImmutableList.copyOf(new TextWindows(List.of(texts), CODEC, maxLength, batchSize));
  }

  @Test
  void wrapsAndPadsDocuments() {
    List<WindowBatch> batches = batches(4, 2, "ab", "abc");

    assertThat(batches).hasSize(1);
    TokenBatch tokens = batches.get(0).tokens();
    int a = ByteCodec.id('a');
    assertThat(tokens.sequence()).isEqualTo(4);
    assertThat(tokens.ids()).containsExactly(1, a, a + 1, a + 2, 1, a, a + 1, 0);
    assertThat(tokens.targets())
        .containsExactly(a, a + 1, a + 2, 2, a, a + 1, 2, TokenBatch.MASKED);
    assertThat(tokens.targetCount()).isEqualTo(7);
    assertThat(batches.get(0).rows().get(1).document()).isZero();
  }

  @Test
  void padsToFewWidths() {
    assertThat(IntStream.of(1, 8, 9, 12, 13, 16, 17, 24, 25, 32, 33, 48, 49, 64, 65))
        .extracting(PaddedRow::width)
        .containsExactly(8, 8, 12, 12, 16, 16, 24, 24, 32, 32, 48, 48, 64, 64, 96);
    assertThat(batches(64, 1, "x".repeat(20)).get(0).tokens().sequence()).isEqualTo(24);
    assertThat(batches(22, 1, "x".repeat(20)).get(0).tokens().sequence()).isEqualTo(22);
  }

  @Test
  void everyTokenIsATargetOnce() {
    String text = "abcdefghijklmnopqrstuvwxyz";
    int[] wrapped = TinyModels.wrap(text);
    for (int length = 1; length <= wrapped.length; length++) {
      List<Integer> targets = new ArrayList<>();
      for (WindowBatch batch : batches(length, 3, text)) {
        for (TextWindow row : batch.rows()) {
          assertThat(row.length()).isBetween(1, length);
          for (int t = 1; t <= row.length(); t++) {
            targets.add(row.token(row.start() + t));
          }
        }
        assertThat(batch.tokens().sequence()).isLessThanOrEqualTo(length);
      }
      Collections.sort(targets);
      List<Integer> expected = new ArrayList<>();
      for (int i = 1; i < wrapped.length; i++) {
        expected.add(wrapped[i]);
      }
      Collections.sort(expected);
      assertThat(targets).isEqualTo(expected);
    }
  }

  @Test
  void anEmptyTextIsAnEndAfterABeginning() {
    TokenBatch tokens = batches(1, 2, "").get(0).tokens();

    assertThat(tokens.ids()).containsExactly(1);
    assertThat(tokens.targets()).containsExactly(2);
  }

  @Test
  void readsNoFurtherAheadThanItNeeds() {
    List<String> read = new ArrayList<>();
    Iterable<String> texts =
        () -> IntStream.range(0, 100_000).mapToObj(String::valueOf).peek(read::add).iterator();

    assertThat(new TextWindows(texts, CODEC, 8, 4).iterator().next().rows()).hasSize(4);
    assertThat(read.size()).isLessThan(1000);
  }

  @Test
  void refusesABatchOfNone() {
    assertThatThrownBy(() -> batches(8, 0, "a"))
        .isInstanceOf(UserException.class)
        .hasMessage("batch_size is 0, expected at least 1");
    assertThatThrownBy(() -> new TokenBatch(new int[3], new int[4], 2, 2))
        .hasMessageContaining("ids: found 3 elements for batch 2 and sequence 2");
  }
}
