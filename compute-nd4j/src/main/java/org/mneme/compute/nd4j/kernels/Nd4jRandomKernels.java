// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * Random numbers: element i takes word i mod 4 of {@link Philox} block i / 4; normal values take
 * the words of elements 2j and 2j + 1 (Box and Muller 1958). Logarithm, sine and cosine are those
 * of {@link StrictMath}, so that a seed means the same on every machine.
 */
public final class Nd4jRandomKernels implements RandomKernels {
  /** A multiple of the words of a block. */
  private static final int TILE = 4096;

  /** 2⁻²⁴: 24 bits of a word make a float. */
  private static final float UNIT = 0x1p-24f;

  private static final long LOW = 0xFFFFFFFFL;

  private final HostRuntime host;

  /** Kernels that work with {@code host}. */
  public Nd4jRandomKernels(HostRuntime host) {
    this.host = host;
  }

  @Override
  public void normal(Tensor out, float mean, float standardDeviation, long seed) {
    forTiles(
        out,
        seed,
        (words, tile, length) -> {
          for (int i = 0; i < length; i += 2) {
            // In (0, 1], for the logarithm.
            double u = ((words[i] >>> 8) + 1) * (double) UNIT;
            double angle = 2 * Math.PI * ((words[i + 1] >>> 8) * (double) UNIT);
            double radius = StrictMath.sqrt(-2 * StrictMath.log(u));
            tile[i] = (float) (mean + standardDeviation * radius * StrictMath.cos(angle));
            tile[i + 1] = (float) (mean + standardDeviation * radius * StrictMath.sin(angle));
          }
        });
  }

  @Override
  public void uniform(Tensor out, float low, float high, long seed) {
    float width = high - low;
    float last = Math.max(low, Math.nextDown(high));
    forTiles(
        out,
        seed,
        (words, tile, length) -> {
          for (int i = 0; i < length; i++) {
            tile[i] = Math.min(last, low + width * ((words[i] >>> 8) * UNIT));
          }
        });
  }

  @Override
  public void uniformInts(Tensor out, int low, int high, long seed) {
    HostTensor target = HostTensor.of(out);
    long range = (long) high - low;
    host.workers()
        .forRange(
            target.elementCount(),
            TILE,
            (from, to, worker) -> {
              int[] words = host.tiles(worker).ints(0, TILE);
              int length = fill(words, from, to, seed);
              for (int i = 0; i < length; i++) {
                words[i] = (int) (low + (((words[i] & LOW) * range) >>> 32));
              }
              target.put(from, words, 0, length);
            });
  }

  private void forTiles(Tensor out, long seed, TileTask task) {
    HostTensor target = HostTensor.of(out);
    host.workers()
        .forRange(
            target.elementCount(),
            TILE,
            (from, to, worker) -> {
              int[] words = host.tiles(worker).ints(0, TILE);
              float[] tile = host.tiles(worker).floats(0, TILE);
              int length = fill(words, from, to, seed);
              task.run(words, tile, length);
              target.put(from, tile, 0, length);
            });
  }

  /** Words of the elements, and of the rest of the last block; returns how many elements. */
  private static int fill(int[] words, long from, long to, long seed) {
    int length = (int) (to - from);
    for (int i = 0; i < length; i += 4) {
      Philox.words((from + i) / 4, seed, words, i);
    }
    return length;
  }

  @FunctionalInterface
  private interface TileTask {
    void run(int[] words, float[] tile, int length);
  }
}
