// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import org.mneme.compute.CapturedGraph;
import org.mneme.compute.Device;

/**
 * Work on a device that is recorded the second time it runs, and replayed from then on. The first
 * time it just runs, so that what is made once (compiled kernels, pooled memory) is no part of it.
 */
final class Replayed implements AutoCloseable {
  private final Device device;
  private final Runnable work;
  private boolean warm;
  private CapturedGraph graph;

  Replayed(Device device, Runnable work) {
    this.device = device;
    this.work = work;
  }

  void run() {
    if (graph != null) {
      graph.replay();
    } else if (warm) {
      graph = device.capture(work);
    } else {
      work.run();
      warm = true;
    }
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
  }
}
