// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitCommitTest {
  @TempDir Path directory;

  private int git(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git", "-C", directory.toString()));
    command.addAll(List.of("-c", "user.name=a", "-c", "user.email=b"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void tellsTheCommitAndWhetherThereAreChanges() throws Exception {
    assumeThat(GitCommit.of(directory)).as("the folder for temporary files").isEmpty();
    assumeThat(hasGit()).as("git").isTrue();
    Path file = directory.resolve("file");
    Files.writeString(file, "one");
    git("init", "-q");
    git("add", ".");
    git("commit", "-q", "-m", "One");
    String commit = GitCommit.of(file).orElseThrow();
    assertThat(commit).matches("[0-9a-f]{40}");
    Files.writeString(file, "two");
    assertThat(GitCommit.of(directory)).contains(commit + "+changes");
    Files.writeString(directory.resolve(".git/index"), "damaged");
    assertThat(GitCommit.of(directory)).as("not known").contains(commit + "+unknown");
  }

  /** Its child keeps the pipe open after the command itself is ended. */
  @Test
  void aCommandThatHangsIsGivenUp() {
    assumeThat(Path.of("/bin/sh")).exists();
    List<String> hanging = List.of("/bin/sh", "-c", "sleep 60 & sleep 60");
    long start = System.nanoTime();
    assertThat(GitCommit.output(hanging, Duration.ofMillis(300))).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void outputLongerThanAPipeIsRead() {
    assumeThat(Path.of("/bin/sh")).exists();
    List<String> long200k = List.of("/bin/sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x");
    assertThat(GitCommit.output(long200k, Duration.ofSeconds(30)).orElseThrow()).hasSize(200_000);
  }

  private boolean hasGit() throws InterruptedException {
    try {
      return git("--version") == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
