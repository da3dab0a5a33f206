// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private final List<Restore> restore = new ArrayList<>();
  private volatile boolean received;

  private StopSignals() {}

  /** Takes the signals from now on; standard error is told of the first one. */
  public static StopSignals caught() {
    StopSignals signals = new StopSignals();
    NAMES.forEach(signals::take);
    return signals;
  }

  /**
   * {@code sun.misc.Signal} has no other API beside it, and javac warns of it whatever the lints.
   */
  private void take(String name) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method handle = type.getMethod("handle", type, handlerType);
      Object handler =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> answer(name, proxy, method, arguments));
      Object signal = type.getConstructor(String.class).newInstance(name);
      Object usual = handle.invoke(null, signal, handler);
      restore.add(() -> handle.invoke(null, signal, usual));
    } catch (ReflectiveOperationException e) {
      // The system does not know it, or Java was told to leave signals alone (-Xrs).
      LOG.debug("signal {} keeps its meaning: {}", name, String.valueOf(e.getCause()));
    }
  }

  private Object answer(String name, Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "stops at SIG" + name;
      default -> receive(name);
    };
  }

  private Object receive(String name) {
    if (received) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
    received = true;
    System.err.printf(
        "%nmneme: SIG%s: finishing the step and saving; once more ends at once%n", name);
    return null;
  }

  /** Whether one was received. */
  public boolean received() {
    return received;
  }

  /** Gives the signals the meaning back that they had. */
  @Override
  public void close() {
    for (Restore usual : restore) {
      try {
        usual.run();
      } catch (ReflectiveOperationException e) {
        LOG.debug("a signal keeps the meaning that it was given: {}", String.valueOf(e.getCause()));
      }
    }
  }

  /** Gives a signal the meaning back that it had. */
  @FunctionalInterface
  private interface Restore {
    void run() throws ReflectiveOperationException;
  }
}
