// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/**
 * What the next positions of a sequence need of those decoded so far and need not compute again:
 * the rotated keys and the values of every block, the tokens, and a table that is the same for all
 * positions. The model must not change while it is in use.
 */
public final class DecodingCache implements AutoCloseable {
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();
  private final Tensor ids;
  private final int capacity;
  private final Closer closer = new Closer();
  private Tensor table;
  private int length;

  /**
   * An empty cache.
   *
   * @param layers number of blocks
   * @param batch B
   * @param capacity most positions
   * @param columns keyValueColumns of the attention
   */
  public DecodingCache(
      Device device, DType dtype, int layers, int batch, int capacity, long columns) {
    this.capacity = capacity;
    Shape shape = Shape.of(batch, capacity, columns);
    try {
      this.ids = closer.add(device.allocate(MemoryTag.ACTIVATIONS, DType.I32, batch, capacity));
      for (int layer = 0; layer < layers; layer++) {
        keys.add(closer.add(device.allocate(MemoryTag.ACTIVATIONS, dtype, shape)));
        values.add(closer.add(device.allocate(MemoryTag.ACTIVATIONS, dtype, shape)));
      }
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
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

  /**
   * The last tokens of the sequence [1, n] I32: up to {@code before} of those decoded so far, then
   * {@code next} [1, ≥ 1] I32, which is kept.
   *
   * @throws IllegalStateException if there is more than one sequence
   */
  Tensor recent(Tensor next, int before) {
    if (ids.shape().extent(0) != 1) {
      throw new IllegalStateException("the tokens of one sequence are kept, not of several");
    }
    long end = length + next.elementCount();
    Tensor row = ids.reshape(capacity, 1);
    ids.device().transfer().copy(next.reshape(next.elementCount(), 1), row.rows(length, end));
    long begin = Math.max(0, length - before);
    return row.rows(begin, end).reshape(1, end - begin);
  }

  /** A table that depends on no position: computed for the first ones, kept for all others. */
  Tensor table(Supplier<Tensor> computed) {
    if (table == null) {
      Tensor first = computed.get();
      table =
          closer.add(
              Closer.initialized(
                  first.device().allocate(MemoryTag.ACTIVATIONS, first.dtype(), first.shape()),
                  kept -> first.device().transfer().copy(first, kept)));
    }
    return table;
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
    closer.close();
  }
}
