// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * Whole numbers make every product exact, so that the answer is known to the last tie: a search
 * that leaves out a token wrongly, or lets rounding choose among equals, is caught.
 */
class NearestTokenTest {
  private static final int PLACES = 5;

  private final Random random = new Random(11);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 17, 700})
  void findsTheLowestOfTheNearest(int vocabulary) {
    for (int width : new int[] {1, 3, 24}) {
      for (int featureBound : new int[] {0, 1, 40}) {
        check(vocabulary, width, 2, featureBound);
      }
    }
  }

  @Test
  void findsItWhereManyEmbeddingsAreEqual() {
    // A bound of 1 and a width of 2 leave nine different embeddings, each some forty times.
    check(400, 2, 1, 3);
  }

  private void check(int vocabulary, int width, int bound, int featureBound) {
    try (TestHost host = new TestHost(2)) {
      int entries = 300;
      HostTensor embeddings = host.whole(random, bound, vocabulary, width);
      HostTensor tokens = host.indices(random, vocabulary, entries, PLACES);
      float[] keeps = new float[entries];
      for (int u = 0; u < entries; u++) {
        keeps[u] = new float[] {0, 0.5f, 1, 3, -2}[u % 5];
      }
      HostTensor keep = TestHost.fill(host.floats(entries), keeps);
      HostTensor features = host.whole(random, featureBound, entries, width);
      int[] expected = fullSearch(embeddings, tokens, keeps, features);
      HostTensor out = host.ints(entries, PLACES);
      host.kernels.nearestToken(embeddings, tokens, keep, features, out);
      assertThat(TestHost.ints(out)).isEqualTo(expected);
      host.kernels.nearestToken(embeddings, tokens, keep, features, tokens);
      assertThat(TestHost.ints(tokens)).isEqualTo(expected);
    }
  }

  private static int[] fullSearch(
      HostTensor embeddingTensor, HostTensor tokenTensor, float[] keep, HostTensor featureTensor) {
    float[] embeddings = TestHost.floats(embeddingTensor);
    float[] features = TestHost.floats(featureTensor);
    int[] tokens = TestHost.ints(tokenTensor);
    int width = (int) featureTensor.shape().columns();
    int[] nearest = new int[tokens.length];
    for (int at = 0; at < tokens.length; at++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int v = 0; v < embeddings.length / width; v++) {
        double value = 0;
        for (int i = 0; i < width; i++) {
          double x = keep[at / PLACES] * embeddings[tokens[at] * width + i];
          value += (x + features[at / PLACES * width + i]) * embeddings[v * width + i];
        }
        if (value > best) {
          best = value;
          nearest[at] = v;
        }
      }
    }
    return nearest;
  }

  @Test
  void noticesThatEmbeddingsHaveChangedInPlace() {
    try (TestHost host = new TestHost(2)) {
      HostTensor embeddings = host.whole(random, 2, 600, 24);
      HostTensor tokens = host.indices(random, 600, 100, PLACES);
      float[] keeps = new float[100];
      Arrays.fill(keeps, 1f);
      HostTensor keep = TestHost.fill(host.floats(100), keeps);
      HostTensor features = host.whole(random, 2, 100, 24);
      HostTensor out = host.ints(100, PLACES);
      for (int change = 0; change < 3; change++) {
        host.kernels.nearestToken(embeddings, tokens, keep, features, out);
        assertThat(TestHost.ints(out)).isEqualTo(fullSearch(embeddings, tokens, keeps, features));
        // A long embedding gains from every token that it points along with.
        for (int i = 0; i < 24; i++) {
          embeddings.putFloat((100L + 250 * change) * 24 + i, 4 - i % 3);
        }
      }
    }
  }

  @Test
  void answersWithTokensWhenNumbersAreNot() {
    try (TestHost host = new TestHost(1)) {
      HostTensor embeddings = host.random(random, 50, 8);
      embeddings.putFloat(8 * 7 + 3, Float.NaN);
      HostTensor tokens = host.indices(random, 50, 20, PLACES);
      HostTensor keep = TestHost.fill(host.floats(20), new float[20]);
      HostTensor features = host.random(random, 20, 8);
      features.putFloat(5, Float.POSITIVE_INFINITY);
      features.putFloat(13, Float.NaN);
      HostTensor out = host.ints(20, PLACES);
      host.kernels.nearestToken(embeddings, tokens, keep, features, out);
      assertThat(Arrays.stream(TestHost.ints(out)).boxed()).allMatch(v -> v >= 0 && v < 50);
    }
  }
}
