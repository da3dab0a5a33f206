// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/**
 * Re-encodes token entries. An entry has one place that holds all K tokens or, if positional, K
 * places of one token, where place k follows the features k positions after the selecting ones; a
 * place without such a feature stays as it is.
 */
final class TokenRule implements EntryRule {
  private final Device device;
  private final Tensor bank;
  private final Tensor embeddings;
  private final int places;
  private final boolean needsCounts;
  private final TokenBlend blend;
  private final FeatureMeans means;
  private final Closer closer = new Closer();
  private final Tensor tokens;
  private final Tensor keptMeans;
  private final Tensor keptGroups;
  private final Tensor tokenRows;
  private final Tensor base;
  private final Tensor keep;
  private final Tensor features;

  /**
   * A rule for chunks of up to {@code chunkGroups} entries.
   *
   * @param blend is closed with this, also where this constructor fails
   */
  TokenRule(
      TokenCodebook codebook,
      Tensor embeddings,
      EmaConfig config,
      int chunkGroups,
      TokenBlend blend) {
    this.blend = closer.add(blend);
    try {
      this.device = codebook.device();
      this.bank = codebook.bank();
      this.embeddings = embeddings;
      this.places = config.placesOf(codebook.width());
      this.needsCounts = config.rule() == EmaRule.COUNT;
      int length = codebook.width();
      int width = Math.toIntExact(embeddings.shape().columns());
      int rows = Math.multiplyExact(chunkGroups, places);
      Tensor reference = config.normalised() ? embeddings : null;
      this.means = closer.add(new FeatureMeans(device, chunkGroups, width, reference));
      Buffers buffers = new Buffers(device, closer);
      this.tokens = buffers.scratch(DType.I32, chunkGroups, length);
      this.keptMeans = places > 1 ? buffers.scratch(DType.F32, chunkGroups, width) : null;
      this.keptGroups = buffers.scratch(DType.I32, chunkGroups);
      this.tokenRows = buffers.scratch(DType.I32, rows);
      this.base = buffers.scratch(DType.I32, rows, length / places);
      this.keep = buffers.scratch(DType.F32, rows);
      this.features = buffers.scratch(DType.F32, rows, width);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  @Override
  public void move(Chunk chunk) {
    blend.begin(chunk);
    Tensor current = tokens.rows(0, chunk.size());
    device.memory().gatherRows(bank, chunk.entries(), current);
    Tensor byPlace =
        current.reshape((long) chunk.size() * places, current.shape().columns() / places);
    int rows = 0;
    for (int number = 0; number < places; number++) {
      rows += blendPlace(chunk, number, byPlace, rows);
    }
    // All places at once: finding what an entry's tokens are near to costs much for each call.
    Tensor encoded = base.rows(0, rows);
    device
        .memory()
        .nearestToken(embeddings, encoded, keep.rows(0, rows), features.rows(0, rows), encoded);
    device.memory().scatterRows(encoded, tokenRows.rows(0, rows), byPlace);
    device.memory().scatterRows(current, chunk.entries(), bank);
  }

  /** Writes what a place is re-encoded from behind {@code offset} rows; returns how many it has. */
  private int blendPlace(Chunk chunk, int number, Tensor current, int offset) {
    Tensor all = means.of(chunk, number);
    // Every group has a feature at shift 0, so that the first place need not ask the device.
    float[] counts = number > 0 || needsCounts ? means.counts(chunk) : null;
    int[] groups = withFeature(chunk.size(), counts);
    int size = groups.length;
    if (size == 0) {
      return 0;
    }
    long end = (long) offset + size;
    Tensor rows = tokenRows.rows(offset, end);
    device.transfer().writeInts(rowsOf(groups, number), rows);
    Place place = new Place(number, groups, pick(counts, groups), rows);
    blend.blend(
        place,
        size == chunk.size() ? all : gatherMeans(all, groups),
        current,
        base.rows(offset, end),
        keep.rows(offset, end),
        features.rows(offset, end));
    return size;
  }

  private static int[] withFeature(int size, float[] counts) {
    int[] groups = new int[size];
    int kept = 0;
    for (int group = 0; group < size; group++) {
      if (counts == null || counts[group] > 0) {
        groups[kept++] = group;
      }
    }
    return kept == size ? groups : Arrays.copyOf(groups, kept);
  }

  private static float[] pick(float[] counts, int[] groups) {
    if (counts == null || counts.length == groups.length) {
      return counts;
    }
    float[] picked = new float[groups.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = counts[groups[i]];
    }
    return picked;
  }

  private int[] rowsOf(int[] groups, int number) {
    int[] rows = new int[groups.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = groups[i] * places + number;
    }
    return rows;
  }

  private Tensor gatherMeans(Tensor all, int[] groups) {
    Tensor index = keptGroups.rows(0, groups.length);
    device.transfer().writeInts(groups, index);
    Tensor kept = keptMeans.rows(0, groups.length);
    device.memory().gatherRows(all, index, kept);
    return kept;
  }

  @Override
  public void resetEntries(int[] entries) {
    blend.resetEntries(entries);
  }

  @Override
  public void forEachState(StateVisitor visitor) {
    blend.forEachState(visitor);
  }

  @Override
  public void restore(StateSource source) {
    blend.restore(source);
  }

  @Override
  public void close() {
    closer.close();
  }
}
