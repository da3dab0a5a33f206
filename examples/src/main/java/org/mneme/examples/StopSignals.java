// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C, SIGTERM and the closing of a terminal as a wish that work looks at between two steps, for
 * as long as this is open. The second one ends the process at once.
 *
 * <p>A shutdown hook could not do this: it runs when the end is decided, beside the hooks that
 * libraries have for their own tidying up, and a second signal would have to wait for it.
 */
public final class StopSignals implements AutoCloseable {
  /** The exit code of a process that was asked to end, as shells have it for Ctrl-C. */
  public static final int EXIT_CODE = 130;

  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
  private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
  private volatile boolean received;

  private StopSignals() {}

  /** Takes the signals from now on; standard error is told of the first one. */
  public static StopSignals caught() {
    StopSignals signals = new StopSignals();
    NAMES.forEach(signals::take);
    return signals;
  }

  private void take(String name) {
    try {
      Signal signal = new Signal(name);
      before.put(signal, Signal.handle(signal, this::receive));
    } catch (IllegalArgumentException e) {
      // The system does not know it, or Java was told to leave signals alone (-Xrs).
      LOG.debug("signal {} keeps its meaning: {}", name, e.getMessage());
    }
  }

  private void receive(Signal signal) {
    if (received) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
    received = true;
    System.err.printf(
        "%nmneme: SIG%s: finishing the step and saving; once more ends at once%n",
        signal.getName());
  }

  /** Whether one was received. */
  public boolean received() {
    return received;
  }

  /** Gives the signals the meaning back that they had. */
  @Override
  public void close() {
    before.forEach(Signal::handle);
  }
}
