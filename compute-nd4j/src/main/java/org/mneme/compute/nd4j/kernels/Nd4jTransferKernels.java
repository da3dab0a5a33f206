// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.TransferKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Copies. All elements have four bytes, which are moved as ints whatever they mean. */
public final class Nd4jTransferKernels implements TransferKernels {
  private static final int TILE = 8192;

  private final HostRuntime host;

  /** Kernels that work with {@code host}. */
  public Nd4jTransferKernels(HostRuntime host) {
    this.host = host;
  }

  @Override
  public void write(ByteBuffer source, Tensor target) {
    ByteBuffer bytes = source.slice().order(ByteOrder.LITTLE_ENDIAN);
    HostTensor to = HostTensor.of(target);
    forTiles(
        to.elementCount(),
        (first, tile, length) -> {
          bytes.asIntBuffer().get((int) first, tile, 0, length);
          to.put(first, tile, 0, length);
        });
    source.position(source.limit());
  }

  @Override
  public void read(Tensor source, ByteBuffer target) {
    ByteBuffer bytes = target.slice().order(ByteOrder.LITTLE_ENDIAN);
    HostTensor from = HostTensor.of(source);
    forTiles(
        from.elementCount(),
        (first, tile, length) -> {
          from.get(first, tile, 0, length);
          bytes.asIntBuffer().put((int) first, tile, 0, length);
        });
    target.position(target.limit());
  }

  @Override
  public void copy(Tensor source, Tensor target) {
    HostTensor from = HostTensor.of(source);
    HostTensor to = HostTensor.of(target);
    forTiles(
        from.elementCount(),
        (first, tile, length) -> {
          from.get(first, tile, 0, length);
          to.put(first, tile, 0, length);
        });
  }

  @Override
  public void fill(Tensor target, double value) {
    HostTensor to = HostTensor.of(target);
    int bits = to.dtype() == DType.I32 ? (int) value : Float.floatToRawIntBits((float) value);
    forTiles(
        to.elementCount(),
        (first, tile, length) -> {
          Arrays.fill(tile, 0, length, bits);
          to.put(first, tile, 0, length);
        });
  }

  private void forTiles(long elements, TileTask task) {
    host.workers()
        .forRange(
            elements,
            TILE,
            (from, to, worker) ->
                task.run(from, host.tiles(worker).ints(0, TILE), (int) (to - from)));
  }

  @FunctionalInterface
  private interface TileTask {
    void run(long first, int[] tile, int length);
  }
}
