// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import com.google.common.primitives.Bytes;
import java.util.Arrays;
import java.util.Random;

/** Damages bytes as disks, transfers and editors do, for fuzzers. */
public final class Damage {

  /** Inputs of a fuzzer. */
  public static final int ROUNDS = Integer.getInteger("mneme.fuzz.rounds", 20_000);

  private Damage() {}

  /** Returns a damaged copy of bytes, of which there is at least one. */
  public static byte[] of(byte[] good, Random random) {
    byte[] bad = good.clone();
    for (int times = 1 + random.nextInt(3); times > 0 && bad.length > 0; times--) {
      bad = once(bad, random);
    }
    return bad;
  }

  private static byte[] once(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
    byte[] before = Arrays.copyOf(bytes, at);
    byte[] part = Arrays.copyOfRange(bytes, at, end);
    byte[] after = Arrays.copyOfRange(bytes, end, bytes.length);
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        return bytes;
      }
      case 3 -> {
        random.nextBytes(part);
        return Bytes.concat(before, part, after);
      }
      case 4 -> {
        return before;
      }
      case 5 -> {
        return Bytes.concat(before, after);
      }
      case 6 -> {
        return Bytes.concat(before, part, part, after);
      }
      default -> {
        return Bytes.concat(before, new byte[part.length], after);
      }
    }
  }
}
