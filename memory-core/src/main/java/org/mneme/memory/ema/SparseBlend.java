// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/**
 * c·E[t⁰] + a, kept in single precision: nothing is lost to rounding, and a token changes once
 * small moves have added up. An update sets c ← keep·c and a ← keep·a + share·f̄, where
 *
 * <ul>
 *   <li>{@link EmaRule#SHADOW}: keep = γ, share = 1−γ.
 *   <li>{@link EmaRule#COUNT}: keep = γ^Δ, share = (1−γ)·n, with n features behind f̄ and Δ updates
 *       since the place last moved: the moving averages of sums, and of counts, decay at every
 *       update. An entry starts with one count of its tokens when it is first touched. Dividing by
 *       the smoothed count would not change which token is nearest, so it is left out.
 * </ul>
 */
final class SparseBlend implements TokenBlend {
  private final Device device;
  private final EmaConfig config;
  private final int places;
  private final SparseState state;
  private final RowMixer mixer;
  private final Closer closer = new Closer();
  private final Tensor lineIndex;
  private final Tensor oldFeatures;
  private int[] rows;
  private int update;

  SparseBlend(TokenCodebook codebook, Shape embeddings, EmaConfig config, int chunkRows) {
    this.device = codebook.device();
    this.config = config;
    this.places = config.placesOf(codebook.width());
    int limit = config.shadowCapacity();
    int capacity = limit == 0 ? codebook.entries() : Math.min(limit, codebook.entries());
    int width = Math.toIntExact(embeddings.columns());
    try {
      this.state = closer.add(new SparseState(codebook, places, embeddings, capacity));
      this.mixer = closer.add(new RowMixer(device, chunkRows, width));
      Buffers buffers = new Buffers(device, closer);
      this.lineIndex = buffers.scratch(DType.I32, chunkRows);
      this.oldFeatures = buffers.scratch(DType.F32, chunkRows, width);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  @Override
  public void begin(Chunk chunk) {
    update = Math.toIntExact(chunk.batch().updateNumber());
    rows = state.rowsOf(device.transfer().readInts(chunk.entries()), update);
  }

  @Override
  public void blend(
      Place place, Tensor means, Tensor current, Tensor base, Tensor keep, Tensor features) {
    int size = place.size();
    int[] lines = new int[size];
    float[] factors = new float[2 * size];
    float[] coefficients = new float[size];
    for (int i = 0; i < size; i++) {
      int line = rows[place.group(i)] * places + place.number();
      lines[i] = line;
      factors[2 * i] = keep(line);
      factors[2 * i + 1] = share(place, i);
      coefficients[i] = state.coefficients()[line] * factors[2 * i];
      state.coefficients()[line] = coefficients[i];
      state.updated()[line] = update;
    }
    Tensor index = lineIndex.rows(0, size);
    Tensor old = oldFeatures.rows(0, size);
    device.transfer().writeInts(lines, index);
    device.memory().gatherRows(state.features(), index, old);
    mixer.mix(factors, old, means, features);
    device.memory().scatterRows(features, index, state.features());
    device.memory().gatherRows(state.tokens(), index, base);
    device.transfer().writeFloats(coefficients, keep);
  }

  private float keep(int line) {
    return config.rule() == EmaRule.COUNT
        ? (float) Math.pow(config.decay(), update - state.updated()[line])
        : (float) config.decay();
  }

  private float share(Place place, int i) {
    double share = 1 - config.decay();
    return (float) (config.rule() == EmaRule.COUNT ? share * place.count(i) : share);
  }

  @Override
  public void resetEntries(int[] entries) {
    state.release(entries);
  }

  @Override
  public void forEachState(StateVisitor visitor) {
    state.forEachState(visitor);
  }

  @Override
  public void restore(StateSource source) {
    state.restore(source, config.updatesBefore(source.steps()));
  }

  @Override
  public void close() {
    closer.close();
  }
}
