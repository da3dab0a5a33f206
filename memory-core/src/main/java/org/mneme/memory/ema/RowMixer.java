// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;

/** out[u] = α[u]·x[u] + β[u]·y[u], with factors of each row's own. */
final class RowMixer implements AutoCloseable {
  private final Device device;
  private final Closer closer = new Closer();
  private final Tensor pairs;
  private final Tensor factors;
  private final Tensor even;
  private final Tensor odd;

  /** A mixer of up to {@code rows} rows at a time. */
  RowMixer(Device device, int rows, int width) {
    this.device = device;
    try {
      Buffers buffers = new Buffers(device, closer);
      this.pairs = buffers.scratch(DType.F32, 2L * rows, width);
      this.factors = buffers.scratch(DType.F32, rows, 2);
      this.even = buffers.scratch(DType.I32, rows);
      this.odd = buffers.scratch(DType.I32, rows);
      int[] index = new int[rows];
      for (int row = 0; row < rows; row++) {
        index[row] = Math.multiplyExact(2, row);
      }
      device.transfer().writeInts(index, even);
      for (int row = 0; row < rows; row++) {
        index[row]++;
      }
      device.transfer().writeInts(index, odd);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /**
   * Mixes rows.
   *
   * @param factorPairs α and β of each row in turn, 2U
   * @param x [U, W] F32
   * @param y [U, W] F32
   * @param out [U, W] F32; may be {@code x} or {@code y}
   */
  void mix(float[] factorPairs, Tensor x, Tensor y, Tensor out) {
    long rows = factorPairs.length / 2;
    Tensor pair = pairs.rows(0, 2 * rows);
    device.memory().scatterRows(x, even.rows(0, rows), pair);
    device.memory().scatterRows(y, odd.rows(0, rows), pair);
    Tensor weights = factors.rows(0, rows);
    device.transfer().writeFloats(factorPairs, weights);
    device.memory().weightedSum(pair.reshape(rows, 2, pair.shape().columns()), weights, out);
  }

  @Override
  public void close() {
    closer.close();
  }
}
