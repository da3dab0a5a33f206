// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A damaged line of an import is an entry, or refused in words. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EntryLineFuzzTest {
  private static final int ROUNDS = 20_000;
  private static final String SPITE = "{}[]\",:\\/*-+.eE019tfn\u0000\ud800\t ";
  private static final String GOOD =
      "{\"entry\": 7, \"text\": \"a \\u00e9\", \"tokens\": [1, 2], \"vector\": [0.5, -1e-3],"
          + " \"owner\": -3, \"votes\": 4, \"use\": {\"share\": [0.25, null, true]}}";

  @Test
  void damagedLinesAreEntriesOrRefusedInWords() {
    long seed = 11;
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder line = new StringBuilder(GOOD);
      for (int times = 1 + random.nextInt(3); times > 0 && line.length() > 1; times--) {
        int at = random.nextInt(line.length());
        char spite = SPITE.charAt(random.nextInt(SPITE.length()));
        switch (random.nextInt(4)) {
          case 0 -> line.setCharAt(at, spite);
          case 1 -> line.insert(at, spite);
          case 2 -> line.deleteCharAt(at);
          default -> line.setLength(Math.max(1, at));
        }
      }
      try {
        assertThat(EntryLine.parse(line.toString()).entry()).isNotNegative();
      } catch (IllegalArgumentException e) {
        refused++;
        assertThat(e.getMessage())
            .as("round %s of seed %s: %s", round, seed, line)
            .isNotBlank()
            .doesNotContain("Source:", "Feature", "Constraints", "jackson");
      }
    }
    System.out.printf("fuzz entries: %d inputs, seed %d, %d refused%n", ROUNDS, seed, refused);
    assertThat(refused).isBetween(ROUNDS / 2, ROUNDS - 1);
  }

  @Test
  void keysThatMeanNothingHaveNoLimits() {
    String deep = "[".repeat(5000) + "]".repeat(5000);
    String use = "NaN, \"deep\": " + deep + ", \"long\": " + "9".repeat(5000);
    assertThat(EntryLine.parse("{\"entry\": 7, \"use\": " + use + "}").entry()).isEqualTo(7);
    assertThatThrownBy(() -> EntryLine.parse("{\"entry\": 7, \"vector\": [NaN]}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a finite f32");
  }
}
