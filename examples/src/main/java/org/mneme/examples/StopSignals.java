// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.mneme.eval.report.markup.VisibleText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C, SIGTERM and the closing of a terminal, for as long as this is open. While steps are
 * trained they are a wish that work checks between two steps; before and after, where nothing would
 * be lost, they end the process with a message that says what is left. The second one ends the
 * process at once.
 *
 * <p>A shutdown hook could not do this: it runs when the end is decided, beside the hooks that
 * libraries have for their own tidying up, and a second signal would have to wait for it.
 */
public final class StopSignals implements AutoCloseable {
  /** The exit code of a process that was asked to end, as shells have it for Ctrl-C. */
  public static final int EXIT_CODE = 130;

  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
  private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15, "HUP", 1);
  private static final int OF_A_SIGNAL = 128;
  private static final Phase STEPS =
      new Phase(() -> "finishing the step and saving; once more ends at once", Optional.empty());

  private final List<Restore> restore = new ArrayList<>();
  private final AtomicBoolean received = new AtomicBoolean();
  private volatile Phase phase;

  private StopSignals(Phase phase) {
    this.phase = phase;
    NUMBERS.keySet().forEach(this::take);
  }

  /**
   * The meaning of a signal for a time.
   *
   * @param message printed on standard error
   * @param end leaves all as it should be before the process ends; empty if the process goes on
   */
  private record Phase(Supplier<String> message, Optional<Runnable> end) {}

  /** Returns signals that ask for an end after the current step. */
  public static StopSignals caught() {
    return new StopSignals(STEPS);
  }

  /** Returns signals that end the process; see {@link #endAtOnce}. */
  public static StopSignals ending(Supplier<String> message, Runnable end) {
    return new StopSignals(new Phase(message, Optional.of(end)));
  }

  /** Lets a signal ask for an end after the current step, from now on; see {@link #received}. */
  public void finishSteps() {
    phase = STEPS;
  }

  /**
   * Lets a signal end the process from now on, with the exit code that the system has for it.
   *
   * @param message what is left and how to go on, printed on standard error
   * @param end runs before the end, while the work goes on
   * @return whether a signal was received before: the caller then ends the work
   */
  public boolean endAtOnce(Supplier<String> message, Runnable end) {
    // In this order: of a signal that comes meanwhile, either its thread or this one sees the
    // other.
    phase = new Phase(message, Optional.of(end));
    return received.get();
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
    if (received.getAndSet(true)) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
    Phase now = phase;
    System.err.printf("%nmneme: SIG%s: %s%n", name, VisibleText.of(now.message.get()));
    if (now.end.isPresent()) {
      now.end.get().run();
      System.exit(OF_A_SIGNAL + NUMBERS.get(name));
    }
    return null;
  }

  /** Returns whether a signal was received. */
  public boolean received() {
    return received.get();
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
