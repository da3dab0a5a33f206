// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SumSelectionTest {
  /** Few distinct scores make ties; large ones make sums that are equal by rounding alone. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 3, 1",
    "4, 4, 2, 1",
    "9, 3, 2, 1",
    "20, 8, 4, 1",
    "20, 8, 1, 1e8",
    "33, 16, 5, 3e7"
  })
  void findsTheBestSumsOfTheBestHalves(int count, int selected, int bound, float offset) {
    Random random = new Random(5);
    SumSelection selection = new SumSelection(selected);
    for (int round = 0; round < 200; round++) {
      float[][] scores = {scores(random, count, bound, 0), scores(random, count, bound, offset)};
      float[][] values = {new float[selected + 2], new float[selected + 2]};
      int[][] subKeys = {new int[selected + 2], new int[selected + 2]};
      int[][] kept = new int[2][];
      for (int half = 0; half < 2; half++) {
        selection.bestOfHalf(scores[half], count, values[half], subKeys[half], 2);
        kept[half] = best(scores[half], selected);
        assertThat(IntStream.of(subKeys[half]).skip(2).toArray()).isEqualTo(kept[half]);
      }
      float[] sums = new float[selected];
      int[] indices = new int[selected];
      selection.bestSums(values, subKeys, 2, count, sums, indices, 0);
      assertThat(indices).isEqualTo(bestPairs(scores, kept, count, selected));
      for (int s = 0; s < selected; s++) {
        assertThat(sums[s])
            .isEqualTo(scores[0][indices[s] / count] + scores[1][indices[s] % count]);
      }
    }
  }

  @Test
  void keepsToValidSubKeysWhenScoresAreNotNumbers() {
    SumSelection selection = new SumSelection(2);
    float[][] values = new float[2][2];
    int[][] subKeys = new int[2][2];
    float[] scores = {Float.NaN, Float.NaN, Float.NaN};
    selection.bestOfHalf(scores, 3, values[0], subKeys[0], 0);
    selection.bestOfHalf(scores, 3, values[1], subKeys[1], 0);
    int[] indices = new int[2];
    selection.bestSums(values, subKeys, 0, 3, new float[2], indices, 0);
    assertThat(IntStream.of(indices).boxed())
        .doesNotHaveDuplicates()
        .allMatch(i -> i >= 0 && i < 9);
  }

  private static float[] scores(Random random, int count, int bound, float offset) {
    float[] scores = new float[count];
    for (int k = 0; k < count; k++) {
      scores[k] = offset + random.nextInt(bound + 1) - random.nextInt(bound + 1);
    }
    return scores;
  }

  private static int[] best(float[] scores, int selected) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(k -> -scores[k]).thenComparing(k -> k))
        .limit(selected)
        .mapToInt(k -> k)
        .toArray();
  }

  private static int[] bestPairs(float[][] scores, int[][] kept, int count, int selected) {
    return IntStream.of(kept[0])
        .boxed()
        .flatMap(i -> IntStream.of(kept[1]).mapToObj(j -> i * count + j))
        .sorted(
            Comparator.<Integer>comparingDouble(
                    pair -> -(scores[0][pair / count] + scores[1][pair % count]))
                .thenComparing(pair -> pair))
        .limit(selected)
        .mapToInt(pair -> pair)
        .toArray();
  }
}
