// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which loops a device uses: plain ones at first; those of {@code jdk.incubator.vector}, where the
 * module is there and registers are wide enough, once they have become faster.
 *
 * <p>Until the JIT compiler has seen enough of it, vector code is a thousand times slower; so it is
 * warmed up on small arrays in the background. Both give the same bits.
 */
public final class VectorsChoice {
  private static final Logger LOG = LoggerFactory.getLogger(VectorsChoice.class);
  private static final String MODULE = "jdk.incubator.vector";

  private final Vectors plain = new PlainVectors();
  private volatile Vectors current = plain;
  private volatile boolean closed;

  /** Begins to warm up, if there is something to choose. */
  public void warmUp() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      LOG.info(
          "Some loops run at half speed: start Java with --add-modules {} to speed them up",
          MODULE);
      return;
    }
    Thread thread = new Thread(this::warm, "mneme-cpu-warm-up");
    thread.setDaemon(true);
    thread.start();
  }

  private void warm() {
    if (!PanamaVectors.fits()) {
      LOG.debug("Vector registers are narrower than eight floats: plain loops stay");
      return;
    }
    Vectors panama = new PanamaVectors();
    if (new VectorsWarmUp(plain, panama).untilFaster(() -> closed)) {
      current = panama;
      LOG.debug("Switched to vector loops");
    } else if (!closed) {
      LOG.debug("Vector loops did not become faster than plain ones, which stay");
    }
  }

  /** The loops to use now. */
  public Vectors current() {
    return current;
  }

  /** Ends the warm-up. */
  public void close() {
    closed = true;
  }
}
