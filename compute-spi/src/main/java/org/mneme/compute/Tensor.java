// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/**
 * A handle on contiguous elements on a device, in row-major order.
 *
 * <p>An <em>owner</em> (from {@link Device#allocate}) holds storage until {@link #close()}, which
 * hands it back to the device's pool: a later allocation of the same size gets the same address. A
 * <em>view</em> (from {@link #rows} or {@link #reshape}) shares the owner's storage; closing a view
 * only ends the view, and using a view whose owner is closed is an error like using a closed
 * tensor.
 *
 * <p>Not thread-safe: a device's tensors belong to the thread that drives the device.
 */
public interface Tensor extends AutoCloseable {
  /** The device that holds the elements. */
  Device device();

  /** The type of the elements. */
  DType dtype();

  /** The extents. */
  Shape shape();

  /**
   * A view of the rows {@code from} (inclusive) to {@code to} (exclusive) along the first axis.
   *
   * @throws IndexOutOfBoundsException if the range does not lie within the first extent
   * @throws IllegalStateException if this tensor is closed
   */
  Tensor rows(long from, long to);

  /**
   * A view of the same elements with other extents.
   *
   * @throws IllegalArgumentException if the element counts differ
   * @throws IllegalStateException if this tensor is closed
   */
  Tensor reshape(Shape shape);

  /** Like {@link #reshape(Shape)}. */
  default Tensor reshape(long... extents) {
    return reshape(Shape.of(extents));
  }

  /** The number of elements. */
  default long elementCount() {
    return shape().elementCount();
  }

  /** The number of bytes of the elements; a tensor of 2⁶³ bytes or more cannot be allocated. */
  default long byteCount() {
    return Math.multiplyExact(elementCount(), (long) dtype().byteCount());
  }

  /** Whether this tensor, or the owner of this view, was closed. */
  boolean isClosed();

  /** Ends this handle; an owner's storage goes back to the pool. Closing twice does nothing. */
  @Override
  void close();
}
