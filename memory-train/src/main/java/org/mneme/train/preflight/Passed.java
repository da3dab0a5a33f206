// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.Device;

/**
 * A run that may begin.
 *
 * @param device open; closed with this
 * @param memory what the training takes of it
 * @param disk what the run takes of the disk
 * @param folder where the files will be
 */
public record Passed(Device device, MemoryEstimate memory, DiskEstimate disk, Path folder)
    implements AutoCloseable {

  /** What is needed beside what is there, for a person, in lines. */
  public String table() {
    String checkpoints =
        String.format(
            Locale.ROOT,
            "%-28s %10s  (%d of %s at once)",
            "checkpoints",
            Bytes.text(disk.allCheckpoints()),
            disk.checkpoints(),
            Bytes.text(disk.checkpointBytes()));
    String shards =
        disk.shardBytes() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "%n%-28s %10s",
                "tokenised text, about",
                Bytes.text(disk.shardBytes()));
    long there = MemoryThere.of(device.info());
    return String.format(
        "memory of %s%n%sdisk of %s%n%s%n",
        device.info().id(),
        MemoryTable.of(memory, there).indent(2),
        folder,
        (checkpoints + shards).indent(2).stripTrailing());
  }

  @Override
  public void close() {
    device.close();
  }
}
