// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;
import org.mneme.compute.nd4j.host.Vectors;

/** A row of scores and the largest of each block, by which most of the row can be passed over. */
final class ScoreRow {
  private static final int BLOCK = 64;

  private final Vectors vectors;
  private final int length;
  private final int blocks;
  private final float[] scores;
  private final float[] maxima;

  /** Uses the first two float slots of the tiles. */
  ScoreRow(Vectors vectors, Tiles tiles, int length) {
    this.vectors = vectors;
    this.length = length;
    this.blocks = (length + BLOCK - 1) / BLOCK;
    this.scores = tiles.floats(0, length);
    this.maxima = tiles.floats(1, blocks);
  }

  void load(HostTensor tensor, long from) {
    tensor.get(from, scores, 0, length);
    for (int block = 0; block < blocks; block++) {
      int start = block * BLOCK;
      maxima[block] = vectors.max(scores, start, Math.min(BLOCK, length - start));
    }
  }

  float max() {
    return vectors.max(maxima, 0, blocks);
  }

  /** The first score at or after {@code from} that is at least {@code threshold}; −1 for none. */
  int next(int from, float threshold) {
    int at = from;
    for (int block = from / BLOCK; block < blocks; block++) {
      int end = Math.min(length, (block + 1) * BLOCK);
      if (maxima[block] >= threshold) {
        for (; at < end; at++) {
          if (scores[at] >= threshold) {
            return at;
          }
        }
      }
      at = end;
    }
    return -1;
  }
}
