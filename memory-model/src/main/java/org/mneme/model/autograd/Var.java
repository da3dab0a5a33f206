// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.autograd;

import java.util.function.Consumer;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;

/** A value on a {@link Tape} and, while gradients flow back, its gradient (of the same dtype). */
public final class Var {
  private final Device device;
  private final Tensor value;
  private final boolean differentiable;
  private Gradient gradient;

  Var(Device device, Tensor value, boolean differentiable) {
    this.device = device;
    this.value = value;
    this.differentiable = differentiable;
  }

  /** A given value into which no gradient flows; the caller owns it. */
  public static Var constant(Tensor value) {
    return new Var(value.device(), value, false);
  }

  /** The value. */
  public Tensor value() {
    return value;
  }

  /**
   * Gives the value's storage back before the tape unwinds. For a value that has been used for the
   * last time and that no backward reads, such as a term of a sum.
   */
  public void discardValue() {
    value.close();
  }

  /** The dtype of value and gradient. */
  public DType dtype() {
    return value.dtype();
  }

  /** The rows of the value seen as a matrix. */
  public long rows() {
    return value.shape().rows();
  }

  /** The columns of the value seen as a matrix. */
  public long columns() {
    return value.shape().columns();
  }

  /** Whether a gradient has flowed into this value. */
  public boolean hasGradient() {
    return gradient != null;
  }

  /**
   * The gradient that has flowed into this value.
   *
   * @throws IllegalStateException if none has
   */
  public Tensor gradient() {
    if (gradient == null) {
      throw new IllegalStateException("no gradient has reached this value");
    }
    return gradient.tensor();
  }

  /** Adds to the gradient by an operation that can replace or add. Nothing for a constant. */
  public void accumulate(GradientWriter writer) {
    if (!differentiable) {
      return;
    }
    if (gradient == null) {
      gradient = new Gradient(allocateGradient());
      writer.write(Accumulation.REPLACE, gradient.tensor());
    } else {
      writer.write(Accumulation.ADD, ownGradient());
    }
  }

  private Tensor ownGradient() {
    if (gradient.isShared()) {
      Tensor copy =
          Closer.initialized(
              allocateGradient(), tensor -> device.transfer().copy(gradient.tensor(), tensor));
      gradient.release();
      gradient = new Gradient(copy);
    }
    return gradient.tensor();
  }

  /** Adds to the gradient by an operation that can only overwrite. Nothing for a constant. */
  public void accumulateWhole(Consumer<Tensor> writer) {
    accumulate(
        (mode, target) -> {
          if (mode == Accumulation.REPLACE) {
            writer.accept(target);
            return;
          }
          try (Tensor part = allocateGradient()) {
            writer.accept(part);
            device.neural().add(target, part, target);
          }
        });
  }

  /**
   * Adds the gradient of a value of the same shape and dtype, of which this one is a term. Nothing
   * for a constant.
   *
   * @throws IllegalStateException if no gradient has reached {@code sum}
   */
  public void addGradientOf(Var sum) {
    Tensor whole = sum.gradient();
    if (!differentiable) {
      return;
    }
    if (gradient == null) {
      gradient = sum.gradient.share();
    } else {
      Tensor target = ownGradient();
      device.neural().add(target, whole, target);
    }
  }

  private Tensor allocateGradient() {
    return device.allocate(MemoryTag.ACTIVATIONS, value.dtype(), value.shape());
  }

  void releaseGradient() {
    if (gradient != null) {
      gradient.release();
      gradient = null;
    }
  }

  void release() {
    Closer.closeAll(this::releaseGradient, value);
  }

  /** Writes a part of a gradient. */
  @FunctionalInterface
  public interface GradientWriter {
    /** Writes to {@code gradient}, replacing its contents or adding to them. */
    void write(Accumulation mode, Tensor gradient);
  }
}
