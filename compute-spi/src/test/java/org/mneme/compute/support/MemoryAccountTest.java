// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;

class MemoryAccountTest {
  private final MemoryAccount account = new MemoryAccount();

  @Test
  void countsByTagWithPeaks() {
    account.add(MemoryTag.WEIGHTS, 100);
    account.add(MemoryTag.ACTIVATIONS, 40);
    account.remove(MemoryTag.ACTIVATIONS, 40);
    account.remove(MemoryTag.WEIGHTS, 60);
    account.add(MemoryTag.ACTIVATIONS, 30);
    MemoryReport report = account.report(7);
    assertThat(report.current())
        .isEqualTo(Map.of(MemoryTag.WEIGHTS, 40L, MemoryTag.ACTIVATIONS, 30L));
    assertThat(report.peak())
        .isEqualTo(Map.of(MemoryTag.WEIGHTS, 100L, MemoryTag.ACTIVATIONS, 40L));
    assertThat(report.peakTotal()).isEqualTo(140);
    assertThat(report.pooled()).isEqualTo(7);
    assertThat(report.currentTotal()).isEqualTo(account.total()).isEqualTo(70);
  }

  @Test
  void losesNothingBetweenThreads() throws InterruptedException {
    Runnable work =
        () -> {
          for (int i = 0; i < 20_000; i++) {
            account.add(MemoryTag.WORKSPACE, 3);
            account.remove(MemoryTag.WORKSPACE, 2);
          }
        };
    Thread other = new Thread(work);
    other.start();
    work.run();
    other.join();
    assertThat(account.total()).isEqualTo(40_000);
  }
}
