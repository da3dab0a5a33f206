// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import com.google.common.math.LongMath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mneme.compute.MemoryTag;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.RunConfig;

/**
 * What a run takes of the disk.
 *
 * @param checkpointBytes of one checkpoint
 * @param checkpoints that are there at once, the one being written among them
 * @param shardBytes of tokenised text, about; 0 if the folder of shards has some of this text
 */
public record DiskEstimate(long checkpointBytes, int checkpoints, long shardBytes) {
  /** A token of 4 bytes stands for some 4 bytes of text, of small vocabularies for 3. */
  private static final double SHARD_PER_TEXT = 4.0 / 3;

  /** Text is packed to a quarter of its size, about. */
  private static final int PACKED = 4;

  /** Estimates a run from what it takes of the device's memory. */
  static DiskEstimate of(RunConfig run, MemoryEstimate memory) {
    // Moments are saved as they are; of the bank's tag, what the EMA keeps is saved as well.
    long checkpoint =
        weights(memory) + memory.of(MemoryTag.OPTIMIZER) + memory.of(MemoryTag.MEMORY_BANK);
    return new DiskEstimate(checkpoint, kept(run), shards(run.data()));
  }

  /** The weights are saved once, in F32. */
  private static long weights(MemoryEstimate memory) {
    return memory.of(MemoryTag.OPTIMIZER) / 2;
  }

  /** Those that stay, and one that is being written. */
  private static int kept(RunConfig run) {
    return run.train().keepLast() + run.train().keepBest() + 1;
  }

  private static long shards(DataConfig data) {
    double bytes = 0;
    for (String file : data.files()) {
      if (!hasShard(Path.of(data.shards()), Path.of(file))) {
        bytes += SHARD_PER_TEXT * textBytes(Path.of(file));
      }
    }
    return (long) bytes;
  }

  private static boolean hasShard(Path folder, Path file) {
    String name = file.getFileName().toString();
    try (var shards = Files.newDirectoryStream(folder, shard -> isShardOf(shard, name))) {
      return shards.iterator().hasNext();
    } catch (IOException e) {
      return false; // there is no such folder yet
    }
  }

  private static boolean isShardOf(Path shard, String name) {
    return shard.getFileName().toString().startsWith(name + "-");
  }

  private static long textBytes(Path file) {
    try {
      boolean packed = file.toString().matches(".*\\.(gz|zst|xz)");
      return Files.size(file) * (packed ? PACKED : 1);
    } catch (IOException e) {
      return 0; // told of by the check of the data
    }
  }

  /** Bytes of all checkpoints. */
  long allCheckpoints() {
    return LongMath.saturatedMultiply(checkpointBytes, checkpoints);
  }

  /** Notes a problem where there is too little room, or none may be used. */
  void check(Path runs, Path shards, Findings findings) {
    Optional<Room> ofRuns = Room.of(runs, findings);
    Optional<Room> ofShards = Room.of(shards, findings);
    if (ofRuns.isEmpty() || ofShards.isEmpty()) {
      return;
    }
    boolean same = ofRuns.get().store().equals(ofShards.get().store());
    long wanted = allCheckpoints() + (same ? shardBytes : 0);
    require(wanted, "checkpoints" + (same ? " and shards" : ""), runs, ofRuns.get(), findings);
    if (!same) {
      require(shardBytes, "shards", shards, ofShards.get(), findings);
    }
  }

  private static void require(long wanted, String what, Path folder, Room room, Findings findings) {
    if (wanted > room.usable()) {
      findings.problem(
          "disk of "
              + folder
              + ": "
              + what
              + " take about "
              + Bytes.text(wanted)
              + ", found "
              + Bytes.text(room.usable())
              + " free");
    }
  }
}
