// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The commit of a checkout, as the command git tells it. */
final class GitCommit {
  private static final int PATIENCE_SECONDS = 10;

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
    boolean changed =
        git(folder, "status", "--porcelain", "--untracked-files=no")
            .map(changes -> !changes.isEmpty())
            .orElse(false);
    return commit.map(hash -> hash + (changed ? "+changes" : ""));
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
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? Optional.of(out.strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // there is no git
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
