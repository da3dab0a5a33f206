// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Resources that end together: closing closes all of them, the latest first, also where one of them
 * fails. The first failure is thrown and later ones are suppressed exceptions of it.
 *
 * <p>For an object that owns several resources, so that a constructor that fails halfway leaves
 * nothing open:
 *
 * <pre>{@code
 * private final Closer closer = new Closer();
 *
 * Cache(Device device) {
 *   try {
 *     keys = closer.add(device.allocate(…));
 *     values = closer.add(device.allocate(…));
 *   } catch (RuntimeException | Error e) {
 *     throw closer.closeAfter(e);
 *   }
 * }
 *
 * public void close() {
 *   closer.close();
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class Closer implements AutoCloseable {
  private final Deque<AutoCloseable> held = new ArrayDeque<>();

  /**
   * Closes a resource with this object.
   *
   * @param resource is ignored if null
   * @return {@code resource}
   */
  public <T extends AutoCloseable> T add(T resource) {
    if (resource != null) {
      held.push(resource);
    }
    return resource;
  }

  /**
   * Closes everything after a failure, such as that of a constructor; what fails now is added to
   * the failure as a suppressed exception.
   *
   * @param failure a {@link RuntimeException} or an {@link Error}
   * @return {@code failure}, to be thrown, if it is an exception
   * @throws Error {@code failure}, if it is an error
   */
  public RuntimeException closeAfter(Throwable failure) {
    Throwable thrown = closeHeld(failure);
    if (thrown instanceof Error error) {
      throw error;
    }
    return unchecked(thrown);
  }

  /** Closes everything. Closing twice does nothing. */
  @Override
  public void close() {
    Throwable failure = closeHeld(null);
    if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw unchecked(failure);
    }
  }

  private Throwable closeHeld(Throwable failure) {
    Throwable first = failure;
    while (!held.isEmpty()) {
      try {
        held.pop().close();
      } catch (Exception | Error e) {
        if (first == null) {
          first = e;
        } else if (first != e) {
          first.addSuppressed(e);
        }
      }
    }
    return first;
  }

  private static RuntimeException unchecked(Throwable failure) {
    if (failure instanceof RuntimeException exception) {
      return exception;
    }
    return failure instanceof IOException exception
        ? new UncheckedIOException(exception)
        : new IllegalStateException(failure);
  }

  /**
   * Returns a resource that has been initialised, or closes it if that fails.
   *
   * @param initializer what the resource needs before it can be handed out
   */
  public static <T extends AutoCloseable> T initialized(
      T resource, Consumer<? super T> initializer) {
    try {
      initializer.accept(resource);
      return resource;
    } catch (RuntimeException | Error e) {
      Closer closer = new Closer();
      closer.add(resource);
      throw closer.closeAfter(e);
    }
  }

  /** Closes resources in the given order, also where one of them fails; null ones are skipped. */
  public static void closeAll(AutoCloseable... resources) {
    closeAll(Arrays.asList(resources));
  }

  /** Closes resources in the given order, also where one of them fails; null ones are skipped. */
  public static void closeAll(Iterable<? extends AutoCloseable> resources) {
    Closer closer = new Closer();
    for (AutoCloseable resource : resources) {
      if (resource != null) {
        closer.held.addLast(resource);
      }
    }
    closer.close();
  }
}
