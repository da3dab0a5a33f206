// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void differsForEverySeedNameAndNumber() {
    Set<Long> keys = new HashSet<>();
    int count = 0;
    for (long seed = -4; seed < 40; seed++) {
      for (String name : new String[] {"", "a", "b", "aa", "12345678", "123456789", "ä", "a\0"}) {
        keys.add(Seeds.of(seed, name));
        count++;
        for (long number = 0; number < 20; number++) {
          keys.add(Seeds.of(seed, name, number));
          count++;
        }
      }
    }
    assertThat(keys).hasSize(count);
  }

  /** Neighbouring seeds, names and numbers differ in about half of their bits. */
  @Test
  void mixesAllBits() {
    double flipped = 0;
    int pairs = 1000;
    for (int i = 0; i < pairs; i++) {
      flipped += Long.bitCount(Seeds.of(i, "tensor") ^ Seeds.of(i + 1L, "tensor"));
      flipped += Long.bitCount(Seeds.of(1, "tensor" + i) ^ Seeds.of(1, "tensor" + (i + 1)));
      flipped += Long.bitCount(Seeds.of(1, "tensor", i) ^ Seeds.of(1, "tensor", i + 1L));
    }
    // 32 of 64 bits, whose standard error over 3,000 pairs is 0.07.
    assertThat(flipped / (3 * pairs)).isBetween(31.6, 32.4);
  }

  /** A key of a run that was written down stays what it is: models are made again from it. */
  @Test
  void isStable() {
    assertThat(Seeds.of(1, "tok_embeddings.weight")).isEqualTo(0x932D12B06641A63EL);
  }
}
