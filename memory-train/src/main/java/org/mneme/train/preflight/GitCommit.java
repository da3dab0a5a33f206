// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commit of a checkout, as the command git tells it. */
final class GitCommit {
  private static final Logger LOG = LoggerFactory.getLogger(GitCommit.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final File NOTHING = new File(File.separatorChar == '/' ? "/dev/null" : "NUL");

  private GitCommit() {}

  /** The commit of the checkout in which a class was built; empty if it lies in none. */
  static Optional<String> ofClass(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    try {
      return source == null ? Optional.empty() : of(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** The commit of the checkout that holds a file or folder; empty without one, or without git. */
  static Optional<String> of(Path place) {
    Path folder = Files.isDirectory(place) ? place : place.toAbsolutePath().getParent();
    if (folder == null || !inCheckout(folder.toAbsolutePath())) {
      return Optional.empty();
    }
    Optional<String> commit = git(folder, "rev-parse", "HEAD");
    if (commit.isEmpty()) {
      return commit;
    }
    // Without locks: a commit that the user makes meanwhile would fail.
    String state =
        git(folder, "--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
            .map(changes -> changes.isEmpty() ? "" : "+changes")
            .orElse("+unknown");
    return commit.map(hash -> hash + state);
  }

  private static boolean inCheckout(Path folder) {
    for (Path place = folder; place != null; place = place.getParent()) {
      if (Files.exists(place.resolve(".git"))) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> git(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(Arrays.asList(arguments));
    return output(command, PATIENCE);
  }

  /**
   * What a command prints; empty if it cannot be started, fails, or takes too long. Its output is
   * read by another thread: who reads it before waiting waits for as long as it hangs.
   */
  static Optional<String> output(List<String> command, Duration patience) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(NOTHING))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      CompletableFuture<byte[]> out = new CompletableFuture<>();
      Thread reader = new Thread(() -> read(process, out), "output of " + command.get(0));
      reader.setDaemon(true);
      reader.start();
      try {
        byte[] bytes = out.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        return ended && process.exitValue() == 0
            ? Optional.of(new String(bytes, StandardCharsets.UTF_8).strip())
            : Optional.empty();
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException | ExecutionException | TimeoutException e) {
      LOG.debug("{} gives no answer: {}", command, e.toString());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static void read(Process process, CompletableFuture<byte[]> out) {
    try {
      out.complete(process.getInputStream().readAllBytes());
    } catch (IOException e) {
      out.completeExceptionally(e);
    }
  }
}
