// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Divides slabs of device memory into blocks: the smallest free block that is large enough is
 * taken, of equal ones that with the lowest address, and split; neighbours that are free become
 * one.
 *
 * <p>What is free depends only on what is taken, so a sequence of takes and gives that leaves the
 * pool as it found it gets the same addresses every time. Only bookkeeping: no byte of the memory
 * is touched.
 */
final class BlockPool {
  /** Where slabs come from. */
  interface Slabs {
    /** The address of a new slab, aligned to {@link #GRANULARITY}; 0 if there is no room. */
    long allocate(long bytes);

    /** Lets a slab go. */
    void free(long address);
  }

  /** Sizes and addresses of blocks are multiples of this. */
  static final long GRANULARITY = 512;

  private static final long SLAB_STEP = 2L << 20;

  private final Slabs slabs;
  private final long slabBytes;
  private final TreeSet<Block> free =
      new TreeSet<>(
          Comparator.comparingLong((Block block) -> block.bytes)
              .thenComparingLong(block -> block.address));
  private final List<Block> firsts = new ArrayList<>();
  private long takenBytes;
  private long pooledBytes;

  /**
   * An empty pool.
   *
   * @param slabBytes the size of a slab, unless a larger block is asked for
   */
  BlockPool(Slabs slabs, long slabBytes) {
    this.slabs = slabs;
    this.slabBytes = slabBytes;
  }

  /** A block of at least {@code bytes} ≥ 0; null if there is no room. */
  Block take(long bytes) {
    long size = roundUp(Math.max(1, bytes), GRANULARITY);
    Block block = free.ceiling(new Block(0, size));
    if (block == null) {
      block = grow(size);
      if (block == null) {
        return null;
      }
    }
    free.remove(block);
    if (block.bytes > size) {
      free.add(block.split(size));
    }
    block.taken = true;
    takenBytes += size;
    pooledBytes -= size;
    return block;
  }

  /** Takes a block back. */
  void give(Block block) {
    if (!block.taken) {
      throw new IllegalStateException("a block of device memory was given back twice");
    }
    block.taken = false;
    takenBytes -= block.bytes;
    pooledBytes += block.bytes;
    Block merged = block;
    if (block.next != null && !block.next.taken) {
      free.remove(block.next);
      block.absorbNext();
    }
    if (block.previous != null && !block.previous.taken) {
      merged = block.previous;
      free.remove(merged);
      merged.absorbNext();
    }
    free.add(merged);
  }

  /** Lets the slabs go of which nothing is taken. */
  void trim() {
    firsts.removeIf(
        first -> {
          boolean unused = !first.taken && first.next == null;
          if (unused) {
            free.remove(first);
            pooledBytes -= first.bytes;
            slabs.free(first.address);
          }
          return unused;
        });
  }

  /** Bytes in taken blocks. */
  long takenBytes() {
    return takenBytes;
  }

  /** Bytes of the slabs that are not taken. */
  long pooledBytes() {
    return pooledBytes;
  }

  private Block grow(long size) {
    long least = roundUp(size, SLAB_STEP);
    long bytes = Math.max(least, slabBytes);
    long address = slabs.allocate(bytes);
    if (address == 0 && bytes > least) {
      bytes = least;
      address = slabs.allocate(bytes);
    }
    if (address == 0) {
      return null;
    }
    Block slab = new Block(address, bytes);
    firsts.add(slab);
    free.add(slab);
    pooledBytes += bytes;
    return slab;
  }

  private static long roundUp(long bytes, long step) {
    return (bytes + step - 1) / step * step;
  }

  /** A stretch of a slab. */
  static final class Block {
    private final long address;
    private long bytes;
    private boolean taken;
    private Block previous;
    private Block next;

    private Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    /** Where it begins. */
    long address() {
      return address;
    }

    /** Cuts off what lies behind the first {@code size} bytes. */
    private Block split(long size) {
      Block rest = new Block(address + size, bytes - size);
      rest.previous = this;
      rest.next = next;
      if (next != null) {
        next.previous = rest;
      }
      next = rest;
      bytes = size;
      return rest;
    }

    private void absorbNext() {
      bytes += next.bytes;
      next = next.next;
      if (next != null) {
        next.previous = this;
      }
    }
  }
}
