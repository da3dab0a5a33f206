// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;

/**
 * The nearest tokens of the places of some entries, by one worker.
 *
 * <p>What decides is always the product of x with a single embedding, so that equal embeddings tie.
 * The products of whole matrices, which round differently from place to place, only choose the
 * candidates, with a margin for rounding. A place with too many candidates gets a product of its x
 * with all embeddings, together with other such places.
 */
final class NearestTokenChunk {
  private static final double UNIT_ROUNDOFF = 0x1p-24;

  private final HostRuntime host;
  private final NearestToken.Search search;
  private final HostTensor features;
  private final long firstEntry;
  private final int entries;
  private final int width;
  private final int places;
  private final long scoresAt;
  private final long vectorsAt;

  private final ScoreRow scores;
  private final float[] keep;
  private final int[] tokens;
  private final int[] nearest;
  private final int[] wide;
  private int wideCount;

  private final FloatPointer embedding;
  private final FloatPointer feature;
  private final FloatPointer x;
  private int bestToken;
  private float bestValue;

  NearestTokenChunk(
      HostRuntime host,
      NearestToken.Search search,
      int worker,
      HostTensor features,
      long firstEntry,
      int entries,
      int places) {
    this.host = host;
    this.search = search;
    this.features = features;
    this.firstEntry = firstEntry;
    this.entries = entries;
    this.width = search.width;
    this.places = places;
    this.scoresAt = search.scoresAt(worker);
    this.vectorsAt = search.vectorsAt(worker);
    Tiles tiles = host.tiles(worker);
    this.scores = new ScoreRow(host.vectors(), tiles, search.vocabulary);
    this.keep = tiles.floats(2, entries);
    this.tokens = tiles.ints(0, entries * places);
    this.nearest = tiles.ints(1, entries * places);
    this.wide = tiles.ints(2, entries * places);
    this.embedding = search.embeddings.floats(0);
    this.feature = features.floats(0);
    this.x = search.vectors.floats(0);
  }

  void find(HostTensor tokenTensor, HostTensor keepTensor, HostTensor out) {
    keepTensor.get(firstEntry, keep, 0, entries);
    tokenTensor.get(firstEntry * places, tokens, 0, entries * places);
    search.multiply(features.floats(firstEntry * width), entries, scoresAt);
    for (int entry = 0; entry < entries; entry++) {
      findEntry(entry);
    }
    for (int at = 0; at < wideCount; at += search.rows) {
      findWide(at, Math.min(search.rows, wideCount - at));
    }
    copyToEqualPlaces();
    out.put(firstEntry * places, nearest, 0, entries * places);
  }

  private void findEntry(int entry) {
    scores.load(search.scores, scoresAt + (long) entry * search.vocabulary);
    int favourite = scores.next(0, scores.max());
    feature.position((firstEntry + entry) * width);
    double margin = margin(entry, Math.sqrt(host.blas().sdot(width, feature, feature)));
    for (int at = entry * places; at < (entry + 1) * places; at++) {
      if (firstEqual(at) == at && !findAmongFew(at, favourite, margin)) {
        wide[wideCount++] = at;
      }
    }
  }

  /** A bound of what rounding can do to the comparison of a matrix product with single ones. */
  private double margin(int entry, double featureNorm) {
    double largestX = featureNorm + Math.abs(keep[entry]) * search.largestNorm;
    return (4.0 * width + 16) * UNIT_ROUNDOFF * largestX * search.largestNorm;
  }

  /** Places with the same token of one entry have the same nearest one. */
  private int firstEqual(int at) {
    int first = at / places * places;
    while (tokens[first] != tokens[at]) {
      first++;
    }
    return first;
  }

  private void copyToEqualPlaces() {
    for (int at = 0; at < entries * places; at++) {
      nearest[at] = nearest[firstEqual(at)];
    }
  }

  /** Returns false if it cannot tell by looking at a few candidates. */
  private boolean findAmongFew(int at, int favourite, double margin) {
    int token = tokens[at];
    float kept = keep[at / places];
    double slack = search.mostGained(token, kept) + margin;
    if (favourite < 0 || !(kept >= 0) || !(Math.abs(slack) < Float.MAX_VALUE)) {
      return false;
    }
    prepare(at, 0);
    bestToken = token;
    bestValue = Float.NEGATIVE_INFINITY;
    consider(token);
    consider(favourite);
    if (!(Math.abs(bestValue) < Float.MAX_VALUE)) {
      return false;
    }
    int left = search.mostCandidates();
    int v = scores.next(0, (float) (bestValue - slack));
    while (v >= 0) {
      if (left-- == 0) {
        return false;
      }
      consider(v);
      v = scores.next(v + 1, (float) (bestValue - slack));
    }
    nearest[at] = bestToken;
    return true;
  }

  private void findWide(int from, int count) {
    for (int i = 0; i < count; i++) {
      prepare(wide[from + i], i);
    }
    search.multiply(search.vectors.floats(vectorsAt), count, scoresAt);
    for (int i = 0; i < count; i++) {
      int at = wide[from + i];
      feature.position((firstEntry + at / places) * width);
      double featureNorm = Math.sqrt(host.blas().sdot(width, feature, feature));
      scores.load(search.scores, scoresAt + (long) i * search.vocabulary);
      float threshold = (float) (scores.max() - margin(at / places, featureNorm));
      x.position(vectorsAt + (long) i * width);
      bestToken = tokens[at];
      bestValue = Float.NEGATIVE_INFINITY;
      for (int v = scores.next(0, threshold); v >= 0; v = scores.next(v + 1, threshold)) {
        consider(v);
      }
      nearest[at] = bestToken;
    }
  }

  /** Puts x of a place into one of this worker's vectors. */
  private void prepare(int at, int vector) {
    feature.position((firstEntry + at / places) * width);
    embedding.position((long) tokens[at] * width);
    x.position(vectorsAt + (long) vector * width);
    host.blas().scopy(width, feature, x);
    host.blas().saxpy(width, keep[at / places], embedding, x);
  }

  private void consider(int token) {
    embedding.position((long) token * width);
    float value = host.blas().sdot(width, x, embedding);
    if (value > bestValue || (value == bestValue && token < bestToken)) {
      bestValue = value;
      bestToken = token;
    }
  }
}
