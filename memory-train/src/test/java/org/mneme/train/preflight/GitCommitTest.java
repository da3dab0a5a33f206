// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  }

  private boolean hasGit() throws InterruptedException {
    try {
      return git("--version") == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
