// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

/**
 * A sequence of operations that a device recorded once and can run again.
 *
 * <p>A replay reads and writes the same addresses as the recorded run, so whatever varies from step
 * to step (batch, learning rate) stands in tensors, and gives the same bits as running the
 * operations one by one.
 */
public interface CapturedGraph extends AutoCloseable {
  /** Runs the recorded operations. */
  void replay();

  /** Releases what the graph holds. */
  @Override
  void close();
}
