// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.CapturedGraph;

/** The graph of a device that cannot record: a replay runs the work again. */
final class RerunGraph implements CapturedGraph {
  private Runnable work;

  RerunGraph(Runnable work) {
    this.work = work;
  }

  @Override
  public void replay() {
    if (work == null) {
      throw new IllegalStateException("the captured graph is closed");
    }
    work.run();
  }

  @Override
  public void close() {
    work = null;
  }
}
