// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;

  /** A driver with some room. */
  private static final class Room implements BlockPool.Slabs {
    final Map<Long, Long> slabs = new TreeMap<>();
    long room = 64 * MIB;
    long next = 1L << 40;

    @Override
    public long allocate(long bytes) {
      if (bytes > room) {
        return 0;
      }
      room -= bytes;
      long address = next;
      next += bytes + MIB;
      slabs.put(address, bytes);
      return address;
    }

    @Override
    public void free(long address) {
      room += slabs.remove(address);
    }
  }

  private final Room room = new Room();
  private final BlockPool pool = new BlockPool(room, 8 * MIB);

  @Test
  void blocksOfASlabLieOneBehindTheOther() {
    BlockPool.Block a = pool.take(1);
    BlockPool.Block b = pool.take(513);
    BlockPool.Block c = pool.take(0);
    assertThat(b.address() - a.address()).isEqualTo(512);
    assertThat(c.address() - b.address()).isEqualTo(1024);
    assertThat(room.slabs).hasSize(1).containsValue(8 * MIB);
    assertThat(pool.takenBytes()).isEqualTo(4 * 512);
    assertThat(pool.pooledBytes()).isEqualTo(8 * MIB - 4 * 512);
  }

  @Test
  void theSmallestBlockThatIsLargeEnoughIsTaken() {
    BlockPool.Block large = pool.take(64 * KIB);
    pool.take(512);
    BlockPool.Block small = pool.take(4 * KIB);
    pool.take(512);
    pool.give(large);
    pool.give(small);
    assertThat(pool.take(3 * KIB).address()).isEqualTo(small.address());
    assertThat(pool.take(5 * KIB).address()).isEqualTo(large.address());
  }

  @Test
  void ofEqualBlocksTheLowestIsTaken() {
    List<BlockPool.Block> blocks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      blocks.add(pool.take(4 * KIB));
      pool.take(512);
    }
    for (int i : new int[] {3, 1, 4}) {
      pool.give(blocks.get(i));
    }
    assertThat(pool.take(4 * KIB).address()).isEqualTo(blocks.get(1).address());
    assertThat(pool.take(4 * KIB).address()).isEqualTo(blocks.get(3).address());
  }

  @Test
  void freeNeighboursBecomeOne() {
    BlockPool.Block a = pool.take(MIB);
    BlockPool.Block b = pool.take(MIB);
    BlockPool.Block c = pool.take(MIB);
    pool.take(5 * MIB);
    pool.give(a);
    pool.give(c);
    pool.give(b);
    assertThat(pool.take(3 * MIB).address()).isEqualTo(a.address());
    assertThat(room.slabs).hasSize(1);
  }

  @Test
  void largeBlocksHaveSlabsOfTheirOwn() {
    pool.take(20 * MIB + 1);
    assertThat(room.slabs).containsValue(22 * MIB);
  }

  @Test
  void withLittleRoomASlabIsSmaller() {
    room.room = 3 * MIB;
    assertThat(pool.take(MIB)).isNotNull();
    assertThat(room.slabs).containsValue(2 * MIB);
    assertThat(pool.take(2 * MIB)).isNull();
    assertThat(pool.takenBytes()).isEqualTo(MIB);
  }

  @Test
  void trimmingFreesUnusedSlabsOnly() {
    BlockPool.Block kept = pool.take(512);
    BlockPool.Block large = pool.take(20 * MIB);
    pool.give(large);
    pool.trim();
    assertThat(room.slabs).hasSize(1);
    assertThat(pool.pooledBytes()).isEqualTo(8 * MIB - 512);
    pool.give(kept);
    pool.trim();
    assertThat(room.slabs).isEmpty();
    assertThat(pool.pooledBytes()).isZero();
    assertThat(pool.takenBytes()).isZero();
  }

  @Test
  void givingTwiceIsAnError() {
    BlockPool.Block block = pool.take(1);
    pool.give(block);
    assertThatIllegalStateException().isThrownBy(() -> pool.give(block));
  }

  /** Addresses of a step are the same in each round, whatever the order of the gives. */
  @Test
  void aStepThatLeavesNothingBehindSeesTheSameAddresses() {
    pool.take(100 * KIB);
    List<Long> first = step(new SplittableRandom(1));
    for (int round = 0; round < 5; round++) {
      assertThat(step(new SplittableRandom(1))).isEqualTo(first);
    }
  }

  private List<Long> step(SplittableRandom random) {
    List<Long> addresses = new ArrayList<>();
    List<BlockPool.Block> open = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      if (random.nextInt(3) > 0 || open.isEmpty()) {
        BlockPool.Block block = pool.take(random.nextInt(1, 200_000));
        open.add(block);
        addresses.add(block.address());
      } else {
        pool.give(open.remove(random.nextInt(open.size())));
      }
    }
    open.forEach(pool::give);
    return addresses;
  }

  @Test
  void blocksNeverOverlapAndNothingIsLost() {
    SplittableRandom random = new SplittableRandom(7);
    TreeMap<Long, Long> taken = new TreeMap<>();
    List<BlockPool.Block> open = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) > 2 && !open.isEmpty()) {
        int at = random.nextInt(open.size());
        taken.remove(open.get(at).address());
        sizes.remove(at);
        pool.give(open.remove(at));
      } else {
        long size = 1L << random.nextInt(1, 22);
        BlockPool.Block block = pool.take(size);
        if (block != null) {
          long address = block.address();
          assertThat(address % BlockPool.GRANULARITY).isZero();
          Map.Entry<Long, Long> before = taken.floorEntry(address);
          Map.Entry<Long, Long> behind = taken.ceilingEntry(address);
          assertThat(before == null || before.getKey() + before.getValue() <= address).isTrue();
          assertThat(behind == null || address + size <= behind.getKey()).isTrue();
          taken.put(address, size);
          open.add(block);
          sizes.add(size);
        }
      }
    }
    long held = room.slabs.values().stream().mapToLong(Long::longValue).sum();
    assertThat(pool.takenBytes() + pool.pooledBytes()).isEqualTo(held);
    open.forEach(pool::give);
    pool.trim();
    assertThat(room.slabs).isEmpty();
  }
}
