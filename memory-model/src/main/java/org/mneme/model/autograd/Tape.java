// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/**
 * Remembers how values were computed, so that gradients can flow back.
 *
 * <p>A function allocates its results with {@link #variable} and what its backward needs with
 * {@link #saved}, runs its forward and then calls {@link #record}. What was allocated since the
 * call before belongs to that record, and goes back to the device's pool as soon as its backward
 * has run. A tape that does not record only owns the tensors.
 *
 * <p>Not thread-safe; belongs to the thread that drives the device.
 */
public final class Tape implements AutoCloseable {
  private final Device device;
  private final boolean recording;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private List<Var> variables = new ArrayList<>();
  private List<Tensor> saved = new ArrayList<>();

  private Tape(Device device, boolean recording) {
    this.device = device;
    this.recording = recording;
  }

  /** A tape for training, on which {@link #backward} can be called. */
  public static Tape recording(Device device) {
    return new Tape(device, true);
  }

  /** A tape for evaluation: gradients are neither recorded nor allocated. */
  public static Tape notRecording(Device device) {
    return new Tape(device, false);
  }

  /** The device on which the functions run. */
  public Device device() {
    return device;
  }

  /** Whether gradients are recorded. */
  public boolean isRecording() {
    return recording;
  }

  /** A new result of the function being computed, with undefined contents. */
  public Var variable(DType dtype, Shape shape) {
    Var variable = new Var(device, device.allocate(MemoryTag.ACTIVATIONS, dtype, shape), recording);
    variables.add(variable);
    return variable;
  }

  /** Like {@link #variable(DType, Shape)}. */
  public Var variable(DType dtype, long... extents) {
    return variable(dtype, Shape.of(extents));
  }

  /** A tensor that lives until the backward of the function being computed has run. */
  public Tensor saved(DType dtype, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, dtype, Shape.of(extents));
    saved.add(tensor);
    return tensor;
  }

  /**
   * Ends a function: its backward will run if any of its results has a gradient by then.
   *
   * @param backward adds to the gradients of the function's inputs and parameters
   * @param results what the function returned
   */
  public void record(Runnable backward, Var... results) {
    entries.push(new Entry(recording ? backward : () -> {}, results, variables, saved));
    variables = new ArrayList<>();
    saved = new ArrayList<>();
  }

  /**
   * Runs the recorded backwards from the last to the first. The caller has set the gradient of at
   * least one result.
   *
   * @throws IllegalStateException if this tape does not record
   */
  public void backward() {
    if (!recording) {
      throw new IllegalStateException("backward on a tape that does not record");
    }
    while (!entries.isEmpty()) {
      try (Entry entry = entries.pop()) {
        entry.run();
      }
    }
  }

  /** Gives back all that is still held. */
  @Override
  public void close() {
    List<AutoCloseable> held = new ArrayList<>(entries);
    entries.clear();
    variables.forEach(variable -> held.add(variable::release));
    held.addAll(saved);
    Closer.closeAll(held);
  }

  private static final class Entry implements AutoCloseable {
    private final Runnable backward;
    private final Var[] results;
    private final List<Var> variables;
    private final List<Tensor> saved;

    Entry(Runnable backward, Var[] results, List<Var> variables, List<Tensor> saved) {
      this.backward = backward;
      this.results = results;
      this.variables = variables;
      this.saved = saved;
    }

    void run() {
      for (Var result : results) {
        if (result.hasGradient()) {
          backward.run();
          return;
        }
      }
    }

    @Override
    public void close() {
      List<AutoCloseable> held = new ArrayList<>(saved);
      variables.forEach(variable -> held.add(variable::release));
      Closer.closeAll(held);
    }
  }
}
