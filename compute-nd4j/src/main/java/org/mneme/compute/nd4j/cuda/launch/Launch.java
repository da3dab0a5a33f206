// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import org.mneme.compute.Tensor;

/**
 * One launch of a kernel: extents, then the arguments in the order of the kernel's parameters, then
 * {@link #run}. There is one object of this class on a device, so that launching allocates nothing.
 */
public interface Launch {
  /** Blocks along x, at least 1. */
  default Launch grid(long x) {
    return grid(x, 1, 1);
  }

  /** Blocks, at least 1 along each axis; y and z at most 65,535. */
  Launch grid(long x, long y, long z);

  /** Threads of a block along x: a multiple of 32, at most 1,024. */
  Launch block(int threads);

  /** Bytes of dynamic shared memory of a block; more than 48 KiB are asked for as needed. */
  Launch shared(int bytes);

  /** A pointer to a tensor's first element; null stands for a null pointer. */
  Launch tensor(Tensor tensor);

  /** A pointer to element {@code element} of a tensor. */
  Launch tensor(Tensor tensor, long element);

  /** An {@code int} argument. */
  Launch i32(int value);

  /** A {@code long long} argument. */
  Launch i64(long value);

  /** A {@code float} argument. */
  Launch f32(float value);

  /**
   * Launches on the device's stream; every error is thrown here or when the device is waited for.
   */
  void run();
}
