// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {
  @Test
  void sizesAreRoundedUpByAnEighthAtMost() {
    assertThat(MemoryPool.sizeClass(0)).isEqualTo(256);
    assertThat(MemoryPool.sizeClass(256)).isEqualTo(256);
    assertThat(MemoryPool.sizeClass(257)).isEqualTo(320);
    assertThat(MemoryPool.sizeClass(1 << 20)).isEqualTo(1 << 20);
    for (long bytes = 600; bytes < 1L << 36; bytes += bytes / 5 + 1) {
      long rounded = MemoryPool.sizeClass(bytes);
      assertThat(rounded).isBetween(bytes, bytes + bytes / 8 + 1);
      assertThat(rounded % 64).isZero();
      assertThat(MemoryPool.sizeClass(rounded)).isEqualTo(rounded);
    }
  }

  @Test
  void aStepThatGivesBackInAnotherOrderGetsTheSameAddresses() {
    try (MemoryPool pool = new MemoryPool(1 << 20)) {
      List<Long> first = step(pool, false);
      assertThat(step(pool, true)).isEqualTo(first);
      assertThat(step(pool, false)).isEqualTo(first);
      assertThat(pool.takenBytes()).isZero();
      assertThat(pool.pooledBytes()).isEqualTo(4 * 4096 + 256);
    }
  }

  private static List<Long> step(MemoryPool pool, boolean backwards) {
    List<Memory> taken = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      taken.add(pool.take(1024));
    }
    taken.add(pool.take(1));
    List<Long> addresses = new ArrayList<>();
    taken.forEach(memory -> addresses.add(memory.address()));
    assertThat(addresses).doesNotHaveDuplicates().allMatch(address -> address % 64 == 0);
    for (int i = 0; i < taken.size(); i++) {
      pool.give(taken.get(backwards ? taken.size() - 1 - i : i));
    }
    return addresses;
  }

  @Test
  void atTheLimitWhatIsPooledIsGivenUp() {
    try (MemoryPool pool = new MemoryPool(8192)) {
      Memory small = pool.take(1024);
      pool.give(small);
      assertThat(pool.pooledBytes()).isEqualTo(4096);
      Memory large = pool.take(2048);
      assertThat(large).isNotNull();
      assertThat(pool.pooledBytes()).isZero();
      assertThat(pool.take(1)).isNull();
      assertThat(pool.takenBytes()).isEqualTo(8192);
      pool.give(large);
      assertThat(pool.take(1)).isNotNull();
    }
  }

  @Test
  void lentMemoryIsReusedButNotGivenUp() {
    try (MemoryPool pool = new MemoryPool(8192)) {
      Memory lent = pool.take(1024);
      pool.lend(lent);
      pool.give(lent);
      pool.trim();
      assertThat(pool.pooledBytes()).isEqualTo(4096);
      assertThat(pool.take(1024)).isSameAs(lent);
    }
  }

  @Test
  void givingTwiceIsAnError() {
    try (MemoryPool pool = new MemoryPool(8192)) {
      Memory memory = pool.take(1);
      pool.give(memory);
      assertThatIllegalStateException().isThrownBy(() -> pool.give(memory));
    }
  }
}
