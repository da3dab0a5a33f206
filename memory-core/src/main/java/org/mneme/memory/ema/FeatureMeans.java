// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/** The mean feature f̄ of each group of a chunk. */
final class FeatureMeans implements AutoCloseable {
  private final Device device;
  private final Tensor reference;
  private final Closer closer = new Closer();
  private final Tensor means;
  private final Tensor counts;

  /**
   * Means of features of {@code width} elements.
   *
   * @param reference rows to whose mean norm the means are scaled, or null to leave them
   */
  FeatureMeans(Device device, int rows, int width, Tensor reference) {
    this.device = device;
    this.reference = reference;
    try {
      Buffers buffers = new Buffers(device, closer);
      this.means = buffers.scratch(DType.F32, rows, width);
      this.counts = buffers.scratch(DType.F32, rows);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** f̄ of the features {@code shift} positions after the selecting ones, [chunk size, width]. */
  Tensor of(Chunk chunk, int shift) {
    EmaBatch batch = chunk.batch();
    Tensor target = means.rows(0, chunk.size());
    // Selections that do not count are in no group; what follows one may still be padding.
    Tensor valid = shift == 0 ? null : batch.valid();
    device
        .memory()
        .scatterMean(
            batch.features(),
            valid,
            chunk.selections().order(),
            chunk.selections().starts(),
            chunk.first(),
            batch.slots(),
            batch.sequence(),
            shift,
            target,
            counts.rows(0, chunk.size()));
    if (reference != null) {
      device.memory().scaleToMeanNorm(reference, target);
    }
    return target;
  }

  /** The features behind each mean of the last {@link #of}; waits for the device. */
  float[] counts(Chunk chunk) {
    return device.transfer().readFloats(counts.rows(0, chunk.size()));
  }

  @Override
  public void close() {
    closer.close();
  }
}
