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
  private final int sequence;
  private final int slots;
  private final long rowsPerLayer;
  private final Tensor features;
  private final Tensor indices;
  private final Closer closer = new Closer();

  SelectionRecorder(LanguageModel model, int batch, int sequence) {
    ModelConfig config = model.config();
    this.device = model.device();
    this.layers = config.layersWithMemory();
    this.vectors = config.memoryStore() == MemoryStore.EMA_VECTOR;
    this.batch = batch;
    this.sequence = sequence;
    int heads = config.memoryHeads();
    this.slots = vectors ? config.numSelected() : heads * config.numSelected();
    this.rowsPerLayer = (long) batch * sequence * (vectors ? heads : 1);
    long rows = layers.size() * rowsPerLayer;
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
    long from = layers.indexOf(layer) * rowsPerLayer;
    Tensor feature = vectors ? keyQuery : query;
    copy(feature, features.rows(from, from + rowsPerLayer));
    copy(selected, indices.rows(from, from + rowsPerLayer));
  }

  private void copy(Tensor source, Tensor target) {
    device.transfer().copy(source.reshape(target.shape()), target);
  }

  EmaBatch batch(Tensor inputIds, long updateNumber, boolean measured) {
    return new EmaBatch(
        features, indices, inputIds, batch, sequence, slots, updateNumber, measured);
  }

  @Override
  public void close() {
    closer.close();
  }
}
