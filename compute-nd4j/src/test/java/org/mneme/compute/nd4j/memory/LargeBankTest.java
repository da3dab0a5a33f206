// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mneme.compute.nd4j.host.HostTensor;

/** A bank of 67 million entries, of which a step touches a few: cost must follow the few. */
class LargeBankTest {
  private static final int ENTRIES = 1 << 26;
  private static final int READS = 1000;
  private static final long LITTLE = 1 << 20;

  @Test
  void readsAndUpdatesOfAFewRowsTakeLittleScratchSpace() {
    try (TestHost host = new TestHost(2)) {
      Random random = new Random(1);
      HostTensor bank = host.ints(ENTRIES, 1);
      HostTensor indices = host.indices(random, ENTRIES, READS);
      HostTensor embeddings = host.random(random, 10, 4);
      HostTensor tokens = host.indices(random, 10, READS, 1);
      host.kernels.scatterRows(tokens, indices, bank);
      HostTensor reads = host.floats(READS, 4);
      host.kernels.decodeTokenMemory(embeddings, bank, indices, reads);
      HostTensor gradient = TestHost.fill(host.floats(10, 4), new float[40]);
      host.kernels.decodeTokenMemoryBackward(reads, bank, indices, gradient);
      HostTensor order = host.ints(READS);
      HostTensor entries = host.ints(READS);
      HostTensor starts = host.ints(READS + 1);
      int groups = host.kernels.groupSelections(indices, ENTRIES, 0, order, entries, starts);

      int[] expectedTokens = TestHost.ints(tokens);
      float[] table = TestHost.floats(embeddings);
      float[] expected = new float[READS * 4];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = table[expectedTokens[i / 4] * 4 + i % 4];
      }
      assertThat(TestHost.floats(reads)).isEqualTo(expected);
      assertThat(groups).isEqualTo((int) Arrays.stream(TestHost.ints(indices)).distinct().count());
      assertThat(host.workspaceBytes()).isLessThan(LITTLE);
    }
  }
}
