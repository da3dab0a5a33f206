// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.initialize;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.random.Seeds;

/**
 * Fills codebooks by clustering, so that entries spread over what there is to remember. For more
 * than 4,096 entries points are clustered in two levels, which takes a small part of the time.
 */
public final class KMeansEntries {
  private static final String STREAM = "memory.kmeans";

  private KMeansEntries() {}

  /**
   * Sets the vectors to the centroids of points.
   *
   * @param points [P, W] F32, P at least the number of entries
   * @throws UserException if there are fewer points to cluster than entries
   */
  public static void vectors(VectorCodebook codebook, Tensor points, KMeansConfig config) {
    SplittableRandom random = new SplittableRandom(Seeds.of(config.seed(), STREAM));
    int[] sample = sample(points.shape().extent(0), codebook.entries(), config, random);
    Device device = codebook.device();
    try (Tensor chosen = choose(points, sample);
        Clusters means = Clusters.of(chosen, codebook.entries(), config.iterations(), random)) {
      device.transfer().copy(means.centroids(), codebook.bank());
    }
  }

  /**
   * Sets each entry to a sentence that stands for a cluster of sentences: the one nearest to its
   * centroid, so that an entry is a phrase somebody wrote and not a list of the nearest tokens. A
   * sentence is clustered by what a read of it gives, the mean of the embeddings of its first K
   * tokens; shorter ones are repeated as {@link SentenceEntries} does, empty ones are skipped. A
   * cluster without a sentence gets one that stands for no other.
   *
   * @param embeddings E [V, d] F32
   * @param sentences token ids, each in 0 … V−1
   * @throws UserException if there are fewer sentences to cluster than entries
   */
  public static void sentences(
      TokenCodebook codebook, Tensor embeddings, List<int[]> sentences, KMeansConfig config) {
    SplittableRandom random = new SplittableRandom(Seeds.of(config.seed(), STREAM));
    List<int[]> full = sentences.stream().filter(sentence -> sentence.length > 0).toList();
    int[] sample = sample(full.size(), codebook.entries(), config, random);
    Device device = codebook.device();
    int width = Math.toIntExact(embeddings.shape().columns());
    try (TokenCodebook phrases = TokenCodebook.allocate(device, sample.length, codebook.width());
        Tensor points = device.allocate(MemoryTag.WORKSPACE, DType.F32, sample.length, width)) {
      write(phrases, full, sample);
      decode(phrases, embeddings, points);
      try (Clusters means = Clusters.of(points, codebook.entries(), config.iterations(), random)) {
        int[] chosen = Medoids.of(points, means, codebook.entries());
        try (Tensor rows = gather(phrases.bank(), chosen)) {
          device.transfer().copy(rows, codebook.bank());
        }
      }
    }
  }

  private static int[] sample(
      long available, int entries, KMeansConfig config, SplittableRandom random) {
    int used = (int) Math.min(available, config.sample());
    if (used < entries) {
      throw new UserException(
          "k-means: found "
              + available
              + " points and a sample of "
              + config.sample()
              + ", wanted at least one for each of "
              + entries
              + " entries");
    }
    int[] sample = Draws.distinct(used, Math.toIntExact(available), random);
    Arrays.sort(sample);
    return sample;
  }

  private static void write(TokenCodebook phrases, List<int[]> sentences, int[] sample) {
    EntryWriter writer = new EntryWriter(phrases);
    for (int number : sample) {
      writer.write(sentences.get(number), 0);
    }
    writer.flush();
  }

  private static void decode(TokenCodebook phrases, Tensor embeddings, Tensor points) {
    Device device = phrases.device();
    int[] all = new int[phrases.entries()];
    Arrays.setAll(all, i -> i);
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, all.length)) {
      device.transfer().writeInts(all, index);
      device.memory().decodeTokenMemory(embeddings, phrases.bank(), index, points);
    }
  }

  /** The rows of a sample; not copied where it is all of them, which may be gigabytes. */
  private static Tensor choose(Tensor points, int[] sample) {
    long count = points.shape().extent(0);
    return sample.length == count ? points.rows(0, count) : gather(points, sample);
  }

  private static Tensor gather(Tensor table, int[] rows) {
    Device device = table.device();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, rows.length)) {
      device.transfer().writeInts(rows, index);
      return Closer.initialized(
          device.allocate(MemoryTag.WORKSPACE, table.dtype(), rows.length, table.shape().columns()),
          out -> device.memory().gatherRows(table, index, out));
    }
  }
}
