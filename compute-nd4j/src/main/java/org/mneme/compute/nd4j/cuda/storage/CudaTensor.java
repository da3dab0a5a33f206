// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import java.util.function.Consumer;
import org.mneme.compute.DType;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.ContiguousTensor;
import org.mneme.compute.support.LeakTracker;

/** A tensor in the memory of a GPU. */
public final class CudaTensor extends ContiguousTensor<CudaTensor> {
  private final long storage;
  private final Consumer<CudaTensor> release;

  /**
   * A tensor that owns its storage.
   *
   * @param storage device address of the first element
   * @param ticket is closed with the tensor
   * @param release is told when the tensor is closed
   */
  public CudaTensor(
      AbstractDevice device,
      DType dtype,
      Shape shape,
      long storage,
      LeakTracker.Ticket ticket,
      Consumer<CudaTensor> release) {
    super(device, dtype, shape, ticket);
    this.storage = storage;
    this.release = release;
  }

  private CudaTensor(CudaTensor viewed, Shape shape, long offset) {
    super(viewed, shape, offset);
    this.storage = viewed.storage;
    this.release = viewed.release;
  }

  @Override
  protected CudaTensor view(Shape viewed, long offset) {
    return new CudaTensor(this, viewed, offset);
  }

  @Override
  protected void release() {
    release.accept(this);
  }

  /** The device address of the first element. */
  public long address() {
    return storage + offset() * dtype().byteCount();
  }

  /** Whether a byte of this tensor's storage is one of the other's. */
  public boolean overlaps(CudaTensor other) {
    return address() < other.address() + other.byteCount()
        && other.address() < address() + byteCount();
  }

  /** This tensor of a CUDA device as what it is. */
  public static CudaTensor of(Tensor tensor) {
    return (CudaTensor) tensor;
  }
}
