// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import org.mneme.compute.nd4j.vector.PlainVectors;
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

  /** Named, not referred to: without the module it cannot be loaded. */
  private static final String PANAMA = "org.mneme.compute.nd4j.vector.PanamaVectors";

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
    Vectors panama;
    try {
      panama = Class.forName(PANAMA).asSubclass(Vectors.class).getConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.info("Plain loops stay, since vector loops cannot be used here: {}", rootCause(e));
      return;
    }
    if (new VectorsWarmUp(plain, panama).untilFaster(() -> closed)) {
      current = panama;
      LOG.debug("Switched to vector loops");
    } else if (!closed) {
      LOG.debug("Vector loops did not become faster than plain ones, which stay");
    }
  }

  private static String rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString();
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
