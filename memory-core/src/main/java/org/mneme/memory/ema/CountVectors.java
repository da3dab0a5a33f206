// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;

/**
 * The EMA of VQ-VAE (van den Oord et al. 2017, appendix A.1; Laplace smoothing as by Razavi et al.
 * 2019): N ← γN + (1−γ)n, m ← γm + (1−γ)·Σ features, v = m / N′ with N′ = (N + ε) / (ΣN + M·ε) ·
 * ΣN, over the M unfrozen entries; at first N = 1 and m = v.
 *
 * <p>An entry that is not selected keeps its vector, since N and m decay alike; its decay is made
 * up when it is next selected, as γ^Δ after Δ updates.
 */
final class CountVectors implements EntryRule {
  /** An update has fewer than 2^31 selections, and an entry that is reset counts as one more. */
  private static final Values COUNTS = Values.between(0, 1L << 32);

  private final Device device;
  private final Tensor bank;
  private final EmaConfig config;
  private final int unfrozen;
  private final FeatureMeans features;
  private final RowMixer mixer;
  private final Closer closer = new Closer();
  private final Tensor sums;
  private final Tensor old;
  private final Tensor factors;
  private final Tensor vectors;
  private final float[] counts;
  private final int[] updated;
  private double total;
  private int update;

  CountVectors(VectorCodebook codebook, EmaConfig config, int chunkRows) {
    this.device = codebook.device();
    this.bank = codebook.bank();
    this.config = config;
    int entries = codebook.entries();
    int width = codebook.width();
    this.unfrozen = entries - config.frozenEntries(entries);
    try {
      this.features = closer.add(new FeatureMeans(device, chunkRows, width, null));
      this.mixer = closer.add(new RowMixer(device, chunkRows, width));
      Buffers buffers = new Buffers(device, closer);
      this.sums = buffers.state(DType.F32, entries, width);
      this.old = buffers.scratch(DType.F32, chunkRows, width);
      this.factors = buffers.scratch(DType.F32, chunkRows, 1);
      this.vectors = buffers.scratch(DType.F32, chunkRows, width);
      this.counts = new float[entries];
      this.updated = new int[entries];
      this.total = unfrozen;
      Arrays.fill(counts, 1f);
      device.transfer().copy(bank, sums);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  @Override
  public void begin(EmaBatch batch, Selections selections) {
    int number = Math.toIntExact(batch.updateNumber());
    total = total * decayOf(number - update) + (1.0 - config.decay()) * selections.total();
    update = number;
  }

  @Override
  public void move(Chunk chunk) {
    int size = chunk.size();
    int[] entries = device.transfer().readInts(chunk.entries());
    int[] starts = device.transfer().readInts(chunk.starts());
    float[] mix = new float[2 * size];
    float[] smoothed = new float[size];
    for (int i = 0; i < size; i++) {
      int entry = entries[i];
      double keep = decayOf(update - updated[entry]);
      double share = (1.0 - config.decay()) * (starts[i + 1] - starts[i]);
      double count = keep * counts[entry] + share;
      mix[2 * i] = (float) keep;
      mix[2 * i + 1] = (float) share;
      smoothed[i] = (float) (1.0 / smooth(count));
      counts[entry] = (float) count;
      updated[entry] = update;
    }
    Tensor oldRows = old.rows(0, size);
    Tensor newRows = vectors.rows(0, size);
    device.memory().gatherRows(sums, chunk.entries(), oldRows);
    mixer.mix(mix, oldRows, features.of(chunk, 0), oldRows);
    device.memory().scatterRows(oldRows, chunk.entries(), sums);
    Tensor weights = factors.rows(0, size);
    device.transfer().writeFloats(smoothed, weights);
    Tensor reads = oldRows.reshape(size, 1, oldRows.shape().columns());
    device.memory().weightedSum(reads, weights, newRows);
    device.memory().scatterRows(newRows, chunk.entries(), bank);
  }

  private double decayOf(int updates) {
    return Math.pow(config.decay(), updates);
  }

  private double smooth(double count) {
    double epsilon = config.laplaceEpsilon();
    return (count + epsilon) / (total + unfrozen * epsilon) * total;
  }

  @Override
  public void resetEntries(int[] entries) {
    if (entries.length == 0) {
      return;
    }
    for (int entry : entries) {
      total += 1 - decayOf(update - updated[entry]) * counts[entry];
      counts[entry] = 1f;
      updated[entry] = update;
    }
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, entries.length);
        Tensor rows =
            device.allocate(
                MemoryTag.WORKSPACE, DType.F32, entries.length, bank.shape().columns())) {
      device.transfer().writeInts(entries, index);
      device.memory().gatherRows(bank, index, rows);
      device.memory().scatterRows(rows, index, sums);
    }
  }

  @Override
  public void forEachState(StateVisitor visitor) {
    visitor.visit("count.total", new double[] {total});
    visitor.visit("count.update", new int[] {update});
    visitor.visit("count.counts", counts);
    visitor.visit("count.updated", updated);
    visitor.visit("count.sums", sums);
  }

  @Override
  public void restore(StateSource source) {
    total = States.doubles(source, "count.total", 1, COUNTS)[0];
    update = States.ints(source, "count.update", 1, config.updatesBefore(source.steps()))[0];
    int entries = counts.length;
    float[] n = States.floats(source, "count.counts", entries, COUNTS);
    Values before = Values.integers("the number of an update", 0, update + 1L);
    int[] u = States.ints(source, "count.updated", entries, before);
    System.arraycopy(n, 0, counts, 0, entries);
    System.arraycopy(u, 0, updated, 0, entries);
    States.read(source, "count.sums", sums, Values.finite());
  }

  @Override
  public void close() {
    closer.close();
  }
}
