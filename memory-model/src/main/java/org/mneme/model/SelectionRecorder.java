// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.List;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.ema.EmaBatch;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.SelectionObserver;

/**
 * Keeps the selections of all memory layers of a pass, stacked as EMA updates want them: for tokens
 * a row for each position with the slots of all heads, for vectors a row for each position and
 * head.
 */
final class SelectionRecorder implements SelectionObserver, AutoCloseable {
  private final Device device;
  private final List<Integer> layers;
  private final boolean vectors;
  private final int batch;
  private final int heads;
  private final int slots;
  private final Tensor features;
  private final Tensor indices;
  private final Closer closer = new Closer();
  private long positions;

  SelectionRecorder(LanguageModel model, int batch, int sequence) {
    ModelConfig config = model.config();
    this.device = model.device();
    this.layers = config.layersWithMemory();
    this.vectors = config.memoryStore() == MemoryStore.EMA_VECTOR;
    this.batch = batch;
    this.heads = vectors ? config.memoryHeads() : 1;
    this.slots = (vectors ? 1 : config.memoryHeads()) * config.numSelected();
    long rows = layers.size() * (long) batch * sequence * heads;
    int width = vectors ? config.knowledgeDim() : config.dim();
    try {
      this.features =
          closer.add(device.allocate(MemoryTag.MEMORY_BANK, model.computeType(), rows, width));
      this.indices = closer.add(device.allocate(MemoryTag.MEMORY_BANK, DType.I32, rows, slots));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  @Override
  public void selected(int layer, Tensor selected, Tensor weights, Tensor query, Tensor keyQuery) {
    positions = selected.shape().extent(0);
    long rows = positions * heads;
    long from = layers.indexOf(layer) * rows;
    Tensor feature = vectors ? keyQuery : query;
    copy(feature, features.rows(from, from + rows));
    copy(selected, indices.rows(from, from + rows));
  }

  private void copy(Tensor source, Tensor target) {
    device.transfer().copy(source.reshape(target.shape()), target);
  }

  /**
   * What was recorded last.
   *
   * @param valid of the positions; null if all are
   */
  EmaBatch batch(Tensor inputIds, Tensor valid, long updateNumber, boolean measured) {
    long rows = layers.size() * positions * heads;
    return new EmaBatch(
        features.rows(0, rows),
        indices.rows(0, rows),
        valid,
        inputIds,
        batch,
        Math.toIntExact(positions / batch),
        slots,
        updateNumber,
        measured);
  }

  @Override
  public void close() {
    closer.close();
  }
}
