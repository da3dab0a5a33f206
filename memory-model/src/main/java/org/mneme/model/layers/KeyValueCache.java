// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** The rotated keys and the values of the positions decoded so far, of every block. */
public final class KeyValueCache implements AutoCloseable {
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();
  private final int capacity;
  private int length;

  /**
   * An empty cache.
   *
   * @param layers number of blocks
   * @param batch B
   * @param capacity most positions
   * @param columns keyValueColumns of the attention
   */
  public KeyValueCache(
      Device device, DType dtype, int layers, int batch, int capacity, long columns) {
    this.capacity = capacity;
    for (int layer = 0; layer < layers; layer++) {
      keys.add(device.allocate(MemoryTag.ACTIVATIONS, dtype, batch, capacity, columns));
      values.add(device.allocate(MemoryTag.ACTIVATIONS, dtype, batch, capacity, columns));
    }
  }

  /** The keys of a block [B, capacity, columns]. */
  public Tensor keys(int layer) {
    return keys.get(layer);
  }

  /** The values of a block [B, capacity, columns]. */
  public Tensor values(int layer) {
    return values.get(layer);
  }

  /** The most positions that it can hold. */
  public int capacity() {
    return capacity;
  }

  /** The number of positions that it holds. */
  public int length() {
    return length;
  }

  /** Counts positions that all blocks have added. */
  public void advance(int positions) {
    length += positions;
  }

  @Override
  public void close() {
    keys.forEach(Tensor::close);
    values.forEach(Tensor::close);
  }
}
