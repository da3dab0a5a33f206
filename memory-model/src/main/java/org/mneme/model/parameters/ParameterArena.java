// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

import java.util.LinkedHashMap;
import java.util.Map;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.random.Seeds;

/**
 * The values of a model's parameters in one flat F32 tensor and, as needed, a low-precision copy
 * and the gradients in others of the same layout.
 */
public final class ParameterArena implements AutoCloseable {
  private final Device device;
  private final ParameterTable table;
  private final Tensor master;
  private final Tensor copy;
  private final Tensor gradients;
  private final Map<String, Tensor> readCounts = new LinkedHashMap<>();
  private final Closer closer = new Closer();

  /**
   * Allocates an arena; all values are 0.
   *
   * @param computeType F32, or the dtype of the copy with which layers compute
   * @param trainable whether to allocate gradients, set to 0
   */
  public ParameterArena(Device device, ParameterTable table, DType computeType, boolean trainable) {
    this.device = device;
    this.table = table;
    try {
      this.master = closer.add(allocate(MemoryTag.WEIGHTS, DType.F32));
      this.copy =
          computeType == DType.F32 ? null : closer.add(allocate(MemoryTag.WEIGHTS, computeType));
      this.gradients = trainable ? closer.add(allocate(MemoryTag.GRADIENTS, DType.F32)) : null;
      if (trainable) {
        table.specs().stream()
            .filter(spec -> spec.group() == ParameterGroup.MEMORY_VALUES)
            .forEach(this::countReads);
      }
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private void countReads(ParameterSpec spec) {
    Tensor counts =
        closer.add(device.allocate(MemoryTag.GRADIENTS, DType.I32, spec.shape().extent(0)));
    device.transfer().fill(counts, 0);
    readCounts.put(spec.name(), counts);
  }

  private Tensor allocate(MemoryTag tag, DType dtype) {
    return Closer.initialized(
        device.allocate(tag, dtype, table.elementCount()),
        tensor -> device.transfer().fill(tensor, 0));
  }

  /** Sets the first values of all parameters, each by the seed and its own name. */
  public void initialize(long seed) {
    for (ParameterSpec spec : table.specs()) {
      long key = Seeds.of(seed, spec.name());
      spec.initializer().initialize(device, master(spec.name()), key);
    }
    refreshCopy();
  }

  /** Brings the low-precision copy up to date after the values were changed by hand. */
  public void refreshCopy() {
    if (copy != null) {
      device.transfer().copy(master, copy);
    }
  }

  /** The layout. */
  public ParameterTable table() {
    return table;
  }

  /** The parameter of this name. */
  public Parameter parameter(String name) {
    return view(name, table.slot(name));
  }

  /** The pack of this name as one matrix. */
  public Parameter pack(String name) {
    return view(name, table.pack(name));
  }

  /** The F32 values of a parameter. */
  public Tensor master(String name) {
    return view(master, table.slot(name));
  }

  private Parameter view(String name, ParameterTable.Slot slot) {
    Tensor values = view(master, slot);
    return new Parameter(
        name,
        values,
        copy == null ? values : view(copy, slot),
        gradients == null ? null : view(gradients, slot),
        readCounts.get(name));
  }

  private static Tensor view(Tensor arena, ParameterTable.Slot slot) {
    return arena.rows(slot.offset(), slot.end()).reshape(slot.shape());
  }

  /** All F32 values, flat. */
  public Tensor values() {
    return master;
  }

  /** All values in low precision, flat; null if layers compute with the F32 values. */
  public Tensor lowPrecisionCopy() {
    return copy;
  }

  /**
   * All gradients, flat.
   *
   * @throws IllegalStateException if the arena is not trainable
   */
  public Tensor gradients() {
    if (gradients == null) {
      throw new IllegalStateException("this model was opened without gradients");
    }
    return gradients;
  }

  /** An arena of the same layout for an optimiser's state, set to 0; the caller owns it. */
  public Tensor allocateMoments() {
    return allocate(MemoryTag.OPTIMIZER, DType.F32);
  }

  /** The part of a tensor of this layout, such as {@link #allocateMoments}, of a parameter. */
  public Tensor part(Tensor arena, String name) {
    return view(arena, table.slot(name));
  }

  @Override
  public void close() {
    closer.close();
  }
}
