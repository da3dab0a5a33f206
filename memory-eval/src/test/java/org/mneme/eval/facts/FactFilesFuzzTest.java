// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;

/** A damaged file of facts is refused with its name, or each of its lines is a fact. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FactFilesFuzzTest {
  private static final int ROUNDS = 20_000;

  @TempDir Path folder;

  @Test
  void damagedFilesAreRefusedOrReadInFull() throws IOException {
    long seed = 12;
    Random random = new Random(seed);
    String line =
        """
        {"person":"Ann é","attribute":"birth_city","value":"Rome","prompt":"Ann is from",\
        "phrasing":"train","choices":12}
        """;
    byte[] good = line.repeat(3).getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("fuzzed.jsonl");
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bad = damage(good, random);
      Files.write(file, bad);
      try {
        List<Fact> facts = FactFiles.read(file);
        String text = new String(bad, StandardCharsets.UTF_8);
        assertThat((long) facts.size())
            .as("round %s of seed %s", round, seed)
            .isEqualTo(text.lines().filter(one -> !one.isBlank()).count());
      } catch (UserException e) {
        refused++;
        assertThat(e.getMessage())
            .as("round %s of seed %s", round, seed)
            .contains("fuzzed.jsonl")
            .doesNotContain("Source:", "jackson");
      }
    }
    System.out.printf("fuzz facts: %d inputs, seed %d, %d refused%n", ROUNDS, seed, refused);
    assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
  }

  private static byte[] damage(byte[] good, Random random) {
    byte[] bad = good.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(bad, 1 + random.nextInt(bad.length));
      case 1 -> Arrays.copyOfRange(bad, random.nextInt(bad.length), bad.length);
      default -> bad;
    };
  }
}
