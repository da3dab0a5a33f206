// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;

class InitializeTest extends DeviceTest {
  private static final TokenRange RANGE = new TokenRange(90, 100);

  @Test
  void randomTokensLieInTheRangeAndFollowTheSeed() {
    int[][] first = randomTokens(1);
    assertThat(first).isDeepEqualTo(randomTokens(1));
    assertThat(first).isNotEqualTo(randomTokens(2));
    int[] all = Arrays.stream(first).flatMapToInt(Arrays::stream).distinct().sorted().toArray();
    assertThat(all).containsExactly(90, 91, 92, 93, 94, 95, 96, 97, 98, 99);
  }

  private int[][] randomTokens(long seed) {
    try (TokenCodebook codebook = TokenCodebook.allocate(device, 100, 4)) {
      RandomEntries.tokens(codebook, RANGE, seed);
      return intRows(codebook.bank());
    }
  }

  @Test
  void randomVectorsHaveTheDeviation() {
    try (VectorCodebook codebook = VectorCodebook.allocate(device, 400, 50)) {
      RandomEntries.vectors(codebook, 0.02f, 7);
      double squares = 0;
      for (float x : device.transfer().readFloats(codebook.bank())) {
        squares += (double) x * x;
      }
      assertThat(Math.sqrt(squares / 20_000)).isCloseTo(0.02, within(0.001));
    }
  }

  @Test
  void sentencesFillFirstPiecesThenFurtherOnesThenChance() {
    List<int[]> sentences =
        List.of(
            new int[] {1, 2, 3, 4, 5, 6, 7},
            new int[] {8, 9},
            new int[] {},
            new int[] {10, 11, 12, 13});
    try (TokenCodebook codebook = TokenCodebook.allocate(device, 8, 3)) {
      SentenceEntries.Filling filling = SentenceEntries.fill(codebook, sentences, RANGE, 5);
      assertThat(filling).isEqualTo(new SentenceEntries.Filling(3, 3, 2));
      int[][] rows = intRows(codebook.bank());
      assertThat(Arrays.copyOf(rows, 6))
          .isDeepEqualTo(
              new int[][] {{1, 2, 3}, {8, 9, 8}, {10, 11, 12}, {4, 5, 6}, {11, 12, 13}, {5, 6, 7}});
      for (int place = 0; place < 3; place++) {
        assertThat(rows[6][place]).isBetween(90, 99);
        assertThat(rows[7][place]).isBetween(90, 99);
      }
    }
  }

  @Test
  void sentencesBeyondTheEntriesAreLeftOut() {
    List<int[]> sentences = List.of(new int[] {1, 2, 3}, new int[] {4, 5}, new int[] {6});
    try (TokenCodebook codebook = TokenCodebook.allocate(device, 2, 2)) {
      SentenceEntries.Filling filling = SentenceEntries.fill(codebook, sentences, RANGE, 5);
      assertThat(filling).isEqualTo(new SentenceEntries.Filling(2, 0, 0));
      assertThat(intRows(codebook.bank())).isDeepEqualTo(new int[][] {{1, 2}, {4, 5}});
    }
  }

  @Test
  void namesTheSentenceOfAnUnknownToken() {
    List<int[]> sentences = List.of(new int[] {1}, new int[] {2, 100});
    try (TokenCodebook codebook = TokenCodebook.allocate(device, 4, 2)) {
      assertThatThrownBy(() -> SentenceEntries.fill(codebook, sentences, RANGE, 5))
          .isInstanceOf(UserException.class)
          .hasMessage("sentence 1: found token 100, wanted 0 to 99");
    }
    assertThatThrownBy(() -> new TokenRange(5, 5)).isInstanceOf(UserException.class);
  }

  @Test
  void clustersFindTheGroupsOfPoints() {
    float[][] points = new float[60][2];
    float[][] centres = {{0, 0}, {100, 0}, {0, 100}, {100, 100}};
    for (int i = 0; i < points.length; i++) {
      points[i][0] = centres[i % 4][0] + (i / 4 % 3 - 1);
      points[i][1] = centres[i % 4][1] + (i / 4 % 5 - 2);
    }
    // A seed whose first centroids lie in four groups; Lloyd finds a local optimum only.
    float[][] found = centroids(points, 1);
    assertThat(found).isDeepEqualTo(centroids(points, 1));
    for (float[] centre : centres) {
      assertThat(Arrays.stream(found).mapToDouble(c -> distance(c, centre)).min().orElseThrow())
          .isLessThan(0.01);
    }
  }

  private float[][] centroids(float[][] points, long seed) {
    try (VectorCodebook codebook = VectorCodebook.allocate(device, 4, 2)) {
      KMeansEntries.vectors(codebook, floats(points), new KMeansConfig(30, 1000, seed));
      return floatRows(codebook.bank());
    }
  }

  private static double distance(float[] a, float[] b) {
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  }

  @Test
  void clusteredEntriesAreSentencesOfDifferentKinds() {
    float[][] embeddings = {{9, 0}, {10, 0}, {11, 0}, {0, 9}, {0, 10}, {0, 11}};
    List<int[]> sentences =
        List.of(
            new int[] {0, 1, 4},
            new int[] {},
            new int[] {1},
            new int[] {2, 1},
            new int[] {3, 4},
            new int[] {4},
            new int[] {5, 4});
    try (TokenCodebook codebook = TokenCodebook.allocate(device, 2, 2)) {
      KMeansConfig config = new KMeansConfig(10, 100, 1);
      KMeansEntries.sentences(codebook, floats(embeddings), sentences, config);
      assertThat(List.of(intRows(codebook.bank())))
          .containsExactlyInAnyOrder(new int[] {1, 1}, new int[] {4, 4});
    }
  }

  @Test
  void identicalSentencesStillFillEveryEntry() {
    List<int[]> sentences = List.of(new int[] {1}, new int[] {1}, new int[] {1});
    try (TokenCodebook codebook = TokenCodebook.allocate(device, 3, 1)) {
      float[][] embeddings = {{1, 0}, {0, 1}};
      KMeansEntries.sentences(codebook, floats(embeddings), sentences, new KMeansConfig(4, 100, 1));
      assertThat(intRows(codebook.bank())).isDeepEqualTo(new int[][] {{1}, {1}, {1}});
    }
  }

  @Test
  void asksForAPointForEachEntry() {
    try (VectorCodebook codebook = VectorCodebook.allocate(device, 4, 2)) {
      assertThatThrownBy(
              () ->
                  KMeansEntries.vectors(
                      codebook, floats(new float[3][2]), new KMeansConfig(4, 100, 1)))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("found 3 points");
    }
  }
}
