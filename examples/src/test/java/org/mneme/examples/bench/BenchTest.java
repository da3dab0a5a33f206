// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.conformance.plain.PlainDevice;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.optimizer.MemoryOptimizer;

/** The benchmark as it is for GPUs, on a plain device that computes in BF16 as they do. */
class BenchTest {
  private static final BenchShape TINY = new BenchShape(16, 4, 2, 1, 32, 8, 2, 50, true);
  private static final BenchDefaults PLAN =
      new BenchDefaults(TINY, DType.BF16, MemoryOptimizer.LAZY, 1, 5, 5);
  private static final GemmRate RATE = new GemmRate(new GemmRate.Size(8, 8, 8), 1e12);

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void timesEverySystemInHalfPrecision(PublishedSystem system) {
    try (Device device = new PlainDevice()) {
      assertThat(BenchDefaults.isGpu(device.info())).isTrue();
      BenchResult result = new Bench(device, PLAN).run(system, 64);
      GpuReport report = new GpuReport(RATE, PLAN, false);
      assertThat(report.operations(result))
          .contains("peak memory", "weights", "linear_weight_gradient", "TFLOP/s", "GB/s");
      assertThat(report.summary(List.of(result))).contains(system.id(), "tokens/s");
      assertThat(result.config().nLayers()).isEqualTo(4);
    }
  }

  @Test
  void theSizesOfTheReferenceAreThoseOfThePublishedRuns() {
    try (Device device = new PlainDevice()) {
      BenchShape shape = BenchDefaults.of(device.info()).shape();
      ModelConfig beside =
          shape.config(PublishedSystem.BESIDE, shape.entries(PublishedSystem.BESIDE));
      assertThat(beside.memoryLayers()).containsExactly(2, 5);
      assertThat(beside.knowledgeNum()).isEqualTo(1_048_576);
      assertThat(shape.tokensPerStep()).isEqualTo(24_576);
      assertThat(shape.entries(PublishedSystem.GATED_MLP)).isEqualTo(65_536);
    }
  }

  @Test
  void aGpuWithoutHalfPrecisionIsTimedAtTheSizesOfAGpu() {
    BenchDefaults without = BenchDefaults.of(info("cuda:0", DType.F32));
    BenchDefaults with = BenchDefaults.of(info("cuda:0", DType.F32, DType.BF16));
    assertThat(without.shape()).isEqualTo(with.shape());
    assertThat(without.type()).isEqualTo(DType.F32);
    assertThat(with.type()).isEqualTo(DType.BF16);
    assertThat(BenchDefaults.of(info("cpu", DType.F32)).shape()).isNotEqualTo(with.shape());
  }

  private static DeviceInfo info(String id, DType... types) {
    return new DeviceInfo(id, "none", "nowhere", Set.of(types), -1);
  }

  /** Six operations for each weight and position, and twelve for each pair of attention. */
  @Test
  void theCostsOfADenseModelAreThoseOfItsWeights() {
    ModelConfig config =
        new BenchShape(512, 8, 32, 8, 1408, 512, 48, 6400, true)
            .config(PublishedSystem.ORIGINAL, 65_536);
    long positions = 24_576;
    double weights = 8 * (512.0 * (512 + 2 * 128) + 512 * 512 + 3 * 512 * 1408) + 512 * 6400;
    double pairs = 8 * 512 * (512 + 1) / 2.0;
    OperationCosts costs = new OperationCosts(config, positions, 25_800_000, 2);
    assertThat(costs.modelFlops())
        .isCloseTo(positions * (6 * weights + 12 * pairs), Percentage.withPercentage(0.01));
  }
}
