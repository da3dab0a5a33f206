// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.HashCode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.text.JsonlSource;

/** What becomes of a shard when its maker is killed, when two make it at once, or have no room. */
@Timeout(120)
class ShardCrashTest {
  private static final int DOCUMENTS = 6000;

  @TempDir Path directory;

  private Path write(int documents, String text) throws IOException {
    Path file = directory.resolve("text.jsonl");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < documents; i++) {
        out.write("{\"text\": \"" + text + (char) ('a' + i % 26) + "\"}\n");
      }
    }
    return file;
  }

  private TokenShard build(Path file, String shards) {
    return new TokenShards(directory.resolve(shards))
        .buildOrOpen(new JsonlSource(file), new Letters(), ProgressListener.NONE);
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static List<String> lines(Process process) throws IOException {
    try (BufferedReader out = process.inputReader()) {
      return out.lines().toList();
    }
  }

  @Test
  void aKilledMakerLeavesNoShardAndItsRemainsAreClearedAway() throws Exception {
    Path file = write(DOCUMENTS, "abc");
    Path shards = directory.resolve("shards");
    Process process = ShardProcess.start(file, shards, 100);
    assertThat(process.inputReader().readLine()).isEqualTo(ShardProcess.ENCODING);
    process.destroyForcibly().waitFor();

    List<Path> remains = files(shards);
    assertThat(remains).isNotEmpty().noneMatch(left -> left.toString().endsWith(".tokens"));
    for (Path left : remains) {
      Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    }
    TokenShard again = build(file, "shards");
    assertThat(files(shards)).containsExactly(again.file());
    assertThat(Files.mismatch(again.file(), build(file, "other").file())).isEqualTo(-1);
  }

  @Test
  void whatAnotherMayStillBeWritingIsLeftAlone() throws Exception {
    Path file = write(10, "abc");
    Path name = build(file, "shards").file();
    Files.delete(name);
    Path fresh = Files.createFile(name.resolveSibling("." + name.getFileName() + ".other.tmp"));
    build(file, "shards");
    assertThat(fresh).exists();
  }

  @Test
  void ofTwoProcessesOneMakesTheShard() throws Exception {
    Path file = write(500, "abc");
    Path shards = directory.resolve("shards");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(ShardProcess.start(file, shards, 1500));
    }
    List<String> told = new ArrayList<>();
    for (Process process : processes) {
      told.addAll(lines(process));
      assertThat(process.waitFor()).isZero();
    }
    assertThat(told).containsOnlyOnce(ShardProcess.ENCODING).hasSize(3);
    assertThat(told).filteredOn("500 2000"::equals).hasSize(2);
    assertThat(files(shards)).hasSize(1);
  }

  @Test
  void ofTwoThreadsOneMakesTheShard() throws Exception {
    Path file = write(DOCUMENTS, "abc");
    AtomicLong encoded = new AtomicLong();
    Callable<Long> build =
        () ->
            new TokenShards(directory.resolve("shards"))
                .buildOrOpen(
                    new JsonlSource(file),
                    new Counting(new Letters(), encoded),
                    ProgressListener.NONE)
                .tokens();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (var tokens : threads.invokeAll(List.of(build, build, build))) {
        assertThat(tokens.get()).isEqualTo(4L * DOCUMENTS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(encoded).hasValue(DOCUMENTS);
  }

  @Test
  void aFileMuchLargerThanTheHeapIsTokenised() throws Exception {
    int documents = 30_000;
    Path file = write(documents, "x".repeat(2000));
    Process process =
        ShardProcess.start(
            file, directory.resolve("shards"), 0, "-Xmx32m", "-XX:ActiveProcessorCount=2");
    assertThat(lines(process)).contains(documents + " " + 2001L * documents);
    assertThat(process.waitFor()).isZero();
  }

  /** Counts the texts. */
  private record Counting(Letters letters, AtomicLong encoded) implements TokenEncoder {
    @Override
    public List<int[]> encode(List<String> texts) {
      encoded.addAndGet(texts.size());
      return letters.encode(texts);
    }

    @Override
    public int vocabularySize() {
      return letters.vocabularySize();
    }

    @Override
    public HashCode sha256() {
      return letters.sha256();
    }
  }
}
