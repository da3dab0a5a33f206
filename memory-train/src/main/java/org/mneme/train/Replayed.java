// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import org.mneme.compute.CapturedGraph;
import org.mneme.compute.Device;

/** Work on a device that is recorded the first time it runs, and replayed from then on. */
final class Replayed implements AutoCloseable {
  private final Device device;
  private final Runnable work;
  private CapturedGraph graph;

  Replayed(Device device, Runnable work) {
    this.device = device;
    this.work = work;
  }

  void run() {
    if (graph == null) {
      graph = device.capture(work);
    } else {
      graph.replay();
    }
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
  }
}
