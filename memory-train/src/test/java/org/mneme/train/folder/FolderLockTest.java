// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.model.io.testing.FaultyFileSystem;

class FolderLockTest {
  @TempDir Path folder;

  @Test
  void excludesThisProcessAlso() throws IOException {
    try (FolderLock lock = FolderLock.acquire(folder)) {
      assertThatThrownBy(() -> FolderLock.acquire(folder.resolve("../" + folder.getFileName())))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid())
          .hasMessageContaining("Wait until it has ended");
      assertThat(lock).isNotNull();
    }
    FolderLock.acquire(folder).close();
  }

  @Test
  void makesTheFolderAndKeepsTheLockFileForTheNext() {
    Path made = folder.resolve("a/b");
    FolderLock.acquire(made).close();
    assertThat(made.resolve(".lock")).isEmptyFile();
    FolderLock.acquire(made).close();
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedAndNotHeld() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> FolderLock.acquire(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString());
    Files.delete(file);
    FolderLock.acquire(file).close();
  }

  @Test
  void withoutLocksALiveProcessIsRespectedAndADeadOneIsNot() throws IOException {
    FaultyFileSystem files = FaultyFileSystem.create();
    files.withoutLocks();
    Path run = files.getPath("/run");
    FolderLock.acquire(run).close();
    long other = ProcessHandle.current().parent().orElseThrow().pid();
    Files.writeString(run.resolve(".lock"), other + "\n");
    assertThatThrownBy(() -> FolderLock.acquire(run))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("in use by process " + other);
    Files.setLastModifiedTime(run.resolve(".lock"), FileTime.fromMillis(0));
    FolderLock.acquire(run).close();
    files.assertAllClosed();
  }

  @Test
  void runsOfOneNameInOneSecondGetFoldersOfTheirOwn() throws InterruptedException {
    int runs = 16;
    Set<Path> made = ConcurrentHashMap.newKeySet();
    RunFolder same = RunFolder.named(folder, "same");
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      Thread thread = new Thread(() -> createAfter(go, same, made));
      thread.start();
      threads.add(thread);
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(made).hasSize(runs).allMatch(Files::isDirectory);
    assertThat(made).allMatch(path -> new RunFolder(path).name().equals("same"));
  }

  private static void createAfter(CountDownLatch go, RunFolder wanted, Set<Path> made) {
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    made.add(wanted.createNew().root());
  }
}
