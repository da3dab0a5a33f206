// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;
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
  private final Buffers buffers;
  private final Tensor tokens;
  private final Tensor keptMeans;
  private final Tensor keptGroups;
  private final Tensor tokenRows;
  private final Tensor base;
  private final Tensor keep;
  private final Tensor features;

  TokenRule(
      TokenCodebook codebook,
      Tensor embeddings,
      EmaConfig config,
      int chunkRows,
      boolean needsCounts,
      TokenBlend blend) {
    this.device = codebook.device();
    this.bank = codebook.bank();
    this.embeddings = embeddings;
    this.places = config.positional() ? codebook.width() : 1;
    this.needsCounts = needsCounts;
    this.blend = blend;
    int width = Math.toIntExact(embeddings.shape().columns());
    Tensor reference = config.normalised() ? embeddings : null;
    this.means = new FeatureMeans(device, chunkRows, width, reference);
    this.buffers = new Buffers(device);
    this.tokens = buffers.scratch(DType.I32, chunkRows, codebook.width());
    this.keptMeans = places > 1 ? buffers.scratch(DType.F32, chunkRows, width) : null;
    this.keptGroups = buffers.scratch(DType.I32, chunkRows);
    this.tokenRows = buffers.scratch(DType.I32, chunkRows);
    this.base = buffers.scratch(DType.I32, chunkRows, codebook.width() / places);
    this.keep = buffers.scratch(DType.F32, chunkRows);
    this.features = buffers.scratch(DType.F32, chunkRows, width);
  }

  @Override
  public void move(Chunk chunk) {
    blend.begin(chunk);
    Tensor current = tokens.rows(0, chunk.size());
    device.memory().gatherRows(bank, chunk.entries(), current);
    Tensor byPlace =
        current.reshape((long) chunk.size() * places, current.shape().columns() / places);
    for (int number = 0; number < places; number++) {
      movePlace(chunk, number, byPlace);
    }
    device.memory().scatterRows(current, chunk.entries(), bank);
  }

  private void movePlace(Chunk chunk, int number, Tensor current) {
    Tensor all = means.of(chunk, number);
    // Every group has a feature at shift 0, so that the first place need not ask the device.
    float[] counts = number > 0 || needsCounts ? means.counts(chunk) : null;
    int[] groups = withFeature(chunk.size(), counts);
    int size = groups.length;
    if (size == 0) {
      return;
    }
    Place place = new Place(chunk, number, groups, rowsOf(groups, number), pick(counts, groups));
    Tensor kept = size == chunk.size() ? all : gatherMeans(all, groups);
    Tensor baseRows = base.rows(0, size);
    blend.blend(place, kept, current, baseRows, keep.rows(0, size), features.rows(0, size));
    device
        .memory()
        .nearestToken(embeddings, baseRows, keep.rows(0, size), features.rows(0, size), baseRows);
    device.memory().scatterRows(baseRows, place.tokenRows(), current);
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

  private Tensor rowsOf(int[] groups, int number) {
    int[] rows = new int[groups.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = groups[i] * places + number;
    }
    Tensor target = tokenRows.rows(0, rows.length);
    device.transfer().writeInts(rows, target);
    return target;
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
    blend.close();
    means.close();
    buffers.close();
  }
}
