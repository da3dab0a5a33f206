// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;
import org.mneme.compute.nd4j.host.Tiles;

/** Rotates interleaved pairs by the angles of a table. */
final class RotaryKernel {
  private final HostRuntime host;

  RotaryKernel(HostRuntime host) {
    this.host = host;
  }

  void rotate(
      HostTensor x,
      HostTensor table,
      int sequence,
      int rotatedHeads,
      int firstPosition,
      boolean inverse) {
    int headDim = Math.toIntExact(table.shape().columns());
    long columns = x.shape().columns();
    int rotated = rotatedHeads * headDim;
    float sign = inverse ? -1f : 1f;
    host.workers()
        .forRange(
            x.shape().rows(),
            RowTiles.rows(rotated),
            (from, to, worker) -> {
              Tiles tiles = host.tiles(worker);
              float[] row = tiles.floats(0, rotated);
              float[] angles = tiles.floats(1, headDim);
              for (long r = from; r < to; r++) {
                long position = firstPosition + r % sequence;
                table.get(position * headDim, angles, 0, headDim);
                x.get(r * columns, row, 0, rotated);
                rotateRow(row, angles, sign, rotated, headDim);
                x.put(r * columns, row, 0, rotated);
              }
            });
  }

  private static void rotateRow(float[] row, float[] angles, float sign, int rotated, int headDim) {
    for (int head = 0; head < rotated; head += headDim) {
      for (int i = 0; i < headDim; i += 2) {
        float cos = angles[i];
        float sin = sign * angles[i + 1];
        float even = row[head + i];
        float odd = row[head + i + 1];
        row[head + i] = even * cos - odd * sin;
        row[head + i + 1] = even * sin + odd * cos;
      }
    }
  }
}
