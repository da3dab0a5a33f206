// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;

/**
 * Native memory that is kept for reuse.
 *
 * <p>Sizes are rounded up to one of eight classes to the doubling. Of the free blocks of a class
 * the oldest is taken, not the last one returned, so that a sequence of takes and gives that leaves
 * the pool as it found it gets the same addresses every time.
 *
 * <p>Blocks come from the C allocator, not from JavaCPP's, whose limits count against the size of
 * the Java heap and which frees what the garbage collector finds.
 */
public final class MemoryPool implements AutoCloseable {
  private static final long SMALLEST = 256;
  private static final int ALIGNMENT = 64;

  private final long limit;
  private final Map<Long, PriorityQueue<Block>> free = new HashMap<>();
  private final Map<Memory, Block> taken = new HashMap<>();
  private final Set<Block> lent = new HashSet<>();
  private long created;
  private long takenBytes;
  private long pooledBytes;

  /**
   * An empty pool.
   *
   * @param limit the most bytes that it may hold
   */
  public MemoryPool(long limit) {
    this.limit = limit;
  }

  /**
   * Memory of at least {@code elements} four-byte elements, with undefined contents; null if there
   * is no room.
   */
  public Memory take(long elements) {
    if (elements > limit / 4) {
      return null;
    }
    long bytes = sizeClass(4 * elements);
    PriorityQueue<Block> queue = free.get(bytes);
    Block block = queue == null ? null : queue.poll();
    if (block != null) {
      pooledBytes -= bytes;
    } else {
      block = create(bytes);
      if (block == null) {
        return null;
      }
    }
    takenBytes += bytes;
    taken.put(block.memory, block);
    return block.memory;
  }

  /** Takes memory back. */
  public void give(Memory memory) {
    Block block = taken.remove(memory);
    if (block == null) {
      throw new IllegalStateException("memory was not taken from this pool, or given back twice");
    }
    takenBytes -= block.bytes;
    pooledBytes += block.bytes;
    free.computeIfAbsent(
            block.bytes, size -> new PriorityQueue<>(Comparator.comparingLong(b -> b.number)))
        .add(block);
  }

  /**
   * Marks memory as known to somebody who may use it at any time: it is reused, but never given
   * back to the system.
   */
  public void lend(Memory memory) {
    lent.add(taken.get(memory));
  }

  /** Bytes taken. */
  public long takenBytes() {
    return takenBytes;
  }

  /** Bytes held for reuse. */
  public long pooledBytes() {
    return pooledBytes;
  }

  /** The most bytes that this pool may hold. */
  public long limit() {
    return limit;
  }

  /** Gives the blocks that are not in use back to the system. */
  public void trim() {
    for (PriorityQueue<Block> queue : free.values()) {
      for (Block block : List.copyOf(queue)) {
        if (!lent.contains(block)) {
          queue.remove(block);
          pooledBytes -= block.bytes;
          Pointer.free(block.raw);
        }
      }
    }
  }

  /** Frees all memory, also what is in use, except what was lent. */
  @Override
  public void close() {
    new ArrayList<>(taken.keySet()).forEach(this::give);
    trim();
    free.clear();
    pooledBytes = 0;
  }

  private Block create(long bytes) {
    if (takenBytes + pooledBytes + bytes > limit) {
      trim();
    }
    if (takenBytes + pooledBytes + bytes > limit) {
      return null;
    }
    Pointer raw = Pointer.malloc(bytes + ALIGNMENT);
    if (raw == null || raw.isNull()) {
      return null;
    }
    try {
      long address = (raw.address() + ALIGNMENT - 1) & -ALIGNMENT;
      return new Block(created++, bytes, raw, new Memory(address, bytes / 4, null));
    } catch (RuntimeException | Error e) {
      Pointer.free(raw);
      throw e;
    }
  }

  /** The size of the blocks that serve a request. */
  static long sizeClass(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    long step = Math.max(ALIGNMENT, Long.highestOneBit(bytes - 1) >> 3);
    return (bytes + step - 1) / step * step;
  }

  private static final class Block {
    final long number;
    final long bytes;
    final Pointer raw;
    final Memory memory;

    Block(long number, long bytes, Pointer raw, Memory memory) {
      this.number = number;
      this.bytes = bytes;
      this.raw = raw;
      this.memory = memory;
    }
  }
}
