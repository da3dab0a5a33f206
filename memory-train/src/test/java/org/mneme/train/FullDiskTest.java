// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.MoreFiles;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.TrainingListener;

/** Trains on a disk, in memory, that is full for a while. */
class FullDiskTest {
  /** Less than a line of metrics, so that a full disk takes none. */
  private static final int BLOCK = 128;

  private static final long CAPACITY = 8 << 20;

  @TempDir Path folder;

  private final FileSystem disk =
      Jimfs.newFileSystem(
          Configuration.unix().toBuilder()
              .setBlockSize(BLOCK)
              .setMaxSize(CAPACITY)
              .setMaxCacheSize(0)
              .build());
  private final Path filler = disk.getPath("/filler");
  private final RunFolder full = new RunFolder(disk.getPath("/full"));
  private Tiny tiny;

  @BeforeEach
  void open() {
    tiny = new Tiny(folder);
  }

  @AfterEach
  void close() throws IOException {
    tiny.close();
    disk.close();
  }

  /** What happens to the disk. */
  @FunctionalInterface
  private interface Event {
    void after(long step) throws IOException;
  }

  /** Saves after the steps 3, 6, 9, 12 and 14. */
  private RunConfig run() {
    return tiny.run(
        tiny.model(PublishedSystem.EMA_TOKEN).emaUpdateFreq(3).build(),
        Tiny.train().maxSteps(14).logInterval(2).evalInterval(5).saveInterval(3).build());
  }

  private void train(Event event) {
    RunConfig run = run();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepped(long step) {
            try {
              event.after(step);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, full.root()).listen(listener).train();
    }
  }

  /**
   * A save that fails at the metrics, before its files; in the middle; or almost at its end.
   *
   * @param room that is left, as a share of a checkpoint
   */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.95})
  void aFullDiskLeavesTheLastCheckpointAndTheRun(double room) throws IOException {
    Path whole = folder.resolve("whole");
    tiny.train(run(), whole);

    Checkpoint good = full.checkpoints().after(3);
    train(
        step -> {
          if (step == 4) {
            fill((long) (room * size(good.directory())));
          } else if (step == 8) {
            assertThat(list(full.checkpoints().folder())).containsExactly(good.directory());
            good.verify();
            Files.delete(filler);
          } else if (step == 10) {
            full.checkpoints().after(9).verify();
          }
        });

    Path copy = folder.resolve("copy");
    copy(full.root(), copy);
    RunFiles.assertEqual(copy, whole);
  }

  @Test
  void aLastCheckpointThatCannotBeWrittenIsAnError() {
    assertThatThrownBy(
            () ->
                train(
                    step -> {
                      if (step == 13) {
                        fill(0);
                      }
                    }))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("step-0000000014: the last checkpoint cannot be saved: ")
        .hasMessageEndingWith("the last good one is " + full.checkpoints().after(12).directory());

    Checkpoint newest = full.checkpoints().newest().orElseThrow();
    assertThat(newest).isEqualTo(full.checkpoints().after(12));
    newest.verify();
  }

  /** Takes all of the disk but some bytes. */
  private void fill(long room) throws IOException {
    try (FileChannel out =
        FileChannel.open(filler, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      takeAll(out);
      out.truncate(out.size() - room);
    }
  }

  private static void takeAll(FileChannel out) {
    try {
      while (true) {
        out.write(ByteBuffer.allocate(BLOCK));
      }
    } catch (IOException e) {
      // Full, as it was meant to be.
    }
  }

  /** Bytes of the files of a directory. */
  private static long size(Path directory) throws IOException {
    long size = 0;
    for (Path file : list(directory)) {
      size += Files.size(file);
    }
    return size;
  }

  /** All that is there, also of temporary names. */
  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    for (Path path : MoreFiles.fileTraverser().depthFirstPreOrder(from)) {
      Files.copy(path, to.resolve(from.relativize(path).toString()));
    }
  }
}
