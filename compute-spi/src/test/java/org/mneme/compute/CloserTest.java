// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloserTest {
  private final List<String> closed = new ArrayList<>();
  private final Closer closer = new Closer();

  private AutoCloseable resource(String name) {
    return () -> closed.add(name);
  }

  private AutoCloseable failing(String name, Exception failure) {
    return () -> {
      closed.add(name);
      throw failure;
    };
  }

  @Test
  void theLatestIsClosedFirstAndAllOnce() {
    closer.add(resource("a"));
    assertThat(closer.add((AutoCloseable) null)).isNull();
    closer.add(resource("b"));
    closer.close();
    closer.close();
    assertThat(closed).containsExactly("b", "a");
  }

  @Test
  void aFailureClosesTheRestAndLaterOnesAreSuppressed() {
    IllegalStateException first = new IllegalStateException("first");
    IOException second = new IOException("second");
    closer.add(resource("a"));
    closer.add(failing("b", second));
    closer.add(failing("c", first));
    assertThatThrownBy(closer::close).isSameAs(first).hasSuppressedException(second);
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void checkedExceptionsAreWrapped() {
    IOException failure = new IOException("disk");
    closer.add(failing("a", failure));
    assertThatThrownBy(closer::close).isInstanceOf(UncheckedIOException.class).hasCause(failure);
    closer.add(failing("b", new InterruptedException("stop")));
    assertThatThrownBy(closer::close).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theFailureOfAConstructorComesFirst() {
    OutOfDeviceMemoryException cause = new OutOfDeviceMemoryException("full");
    IllegalStateException later = new IllegalStateException("later");
    closer.add(resource("a"));
    closer.add(failing("b", later));
    assertThat(closer.closeAfter(cause)).isSameAs(cause).hasSuppressedException(later);
    assertThat(closed).containsExactly("b", "a");
  }

  @Test
  void anErrorStaysAnError() {
    OutOfMemoryError error = new OutOfMemoryError("heap");
    closer.add(resource("a"));
    assertThatThrownBy(() -> closer.closeAfter(error)).isSameAs(error);
    assertThat(closed).containsExactly("a");
  }

  /** A second resource may throw the very exception of the first, which cannot suppress itself. */
  @Test
  void oneExceptionThrownTwiceIsReportedOnce() {
    IllegalStateException failure = new IllegalStateException("both");
    closer.add(failing("a", failure));
    closer.add(failing("b", failure));
    assertThatThrownBy(closer::close).isSameAs(failure).hasNoSuppressedExceptions();
    assertThat(closed).containsExactly("b", "a");
  }

  @Test
  void aResourceThatCannotBeInitialisedIsClosed() {
    IllegalStateException failure = new IllegalStateException("fill");
    assertThatThrownBy(
            () ->
                Closer.initialized(
                    resource("a"),
                    a -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(closed).containsExactly("a");
    AutoCloseable b = resource("b");
    assertThat(Closer.initialized(b, resource -> {})).isSameAs(b);
    assertThat(closed).containsExactly("a");
  }

  @Test
  void closeAllKeepsTheGivenOrder() {
    IllegalStateException failure = new IllegalStateException("a");
    assertThatThrownBy(
            () -> Closer.closeAll(Arrays.asList(failing("a", failure), null, resource("b"))))
        .isSameAs(failure);
    assertThat(closed).containsExactly("a", "b");
  }
}
