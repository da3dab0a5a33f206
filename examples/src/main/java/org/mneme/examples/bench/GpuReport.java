// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import static org.mneme.examples.bench.Rows.format;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OperationProfile.OperationTime;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Goal;
import org.mneme.eval.report.markup.Table.Row;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.train.optimizer.MemoryOptimizer;

/** The figures of a GPU, beside those of PyTorch on an H200 and the rate of matrix products. */
final class GpuReport implements BenchReport {
  private static final int OPERATIONS = 24;

  private final GemmRate ceiling;
  private final BenchDefaults plan;
  private final boolean comparable;

  /**
   * A report.
   *
   * @param ceiling the GPU's rate of matrix products
   * @param plan what was timed
   * @param comparable whether sizes and type are those of the reference
   */
  GpuReport(GemmRate ceiling, BenchDefaults plan, boolean comparable) {
    this.ceiling = ceiling;
    this.plan = plan;
    this.comparable = comparable;
  }

  @Override
  public String summary(List<BenchResult> results) {
    List<Column> columns =
        List.of(
            Column.words("system"),
            Column.numbers("entries", "", Goal.NONE),
            Column.numbers("parameters", "M", Goal.NONE),
            Column.numbers("step", "ms", Goal.NONE),
            Column.numbers("speed", "tokens/s", Goal.NONE),
            Column.numbers("PyTorch compiled", "tokens/s", Goal.NONE),
            Column.numbers("ratio", "", Goal.NONE),
            Column.numbers("ratio to eager", "", Goal.NONE),
            Column.numbers("of GEMM rate", "%", Goal.NONE),
            Column.numbers("peak memory", "GB", Goal.NONE),
            Column.numbers("PyTorch's", "GB", Goal.NONE));
    return Rows.table(columns, results, this::row);
  }

  private Row row(BenchResult result) {
    Optional<PyTorchOnGpu> reference =
        comparable ? PyTorchOnGpu.of(result, plan.shape()) : Optional.empty();
    double compiled = reference.map(PyTorchOnGpu::compiled).orElse(Double.NaN);
    double eager = reference.map(PyTorchOnGpu::eager).orElse(Double.NaN);
    double speed = result.tokensPerSecond();
    return Rows.of(
        result.system().id(),
        result.config().hasMemory() ? format("%,.0f", result.config().knowledgeNum()) : Rows.NONE,
        format("%.1f", result.parameters() / 1e6),
        format("%.2f", 1e3 * result.tokensPerStep() / speed),
        format("%,.0f", speed),
        format("%,.0f", compiled),
        format("%.2f", speed / compiled),
        format("%.2f", speed / eager),
        format("%.1f", 100 * utilisation(result)),
        format("%.2f", result.memory().peakTotal() / 1e9),
        format("%.1f", reference.map(PyTorchOnGpu::compiledPeak).orElse(Double.NaN)));
  }

  private double utilisation(BenchResult result) {
    double flops = costs(result).modelFlops();
    return flops * result.tokensPerSecond() / result.tokensPerStep() / ceiling.flops();
  }

  private OperationCosts costs(BenchResult result) {
    return new OperationCosts(
        result.config(),
        result.tokensPerStep(),
        result.parameters() - lazyValues(result.config()),
        plan.type().byteCount());
  }

  /** Values that a step moves only where they were read; how many is not known here. */
  private long lazyValues(ModelConfig config) {
    boolean lazy =
        plan.memoryOptimizer() == MemoryOptimizer.LAZY
            && config.memoryStore() == MemoryStore.LEARNED;
    return lazy ? (long) config.knowledgeNum() * config.readWidth() : 0;
  }

  /** The memory by what it is for, and the longest operations of a step. */
  @Override
  public String operations(BenchResult result) {
    OperationCosts costs = costs(result);
    List<Column> columns =
        List.of(
            Column.words("operation"),
            Column.numbers("calls a step", "", Goal.NONE),
            Column.numbers("time a step", "ms", Goal.NONE),
            Column.numbers("share", "%", Goal.NONE),
            Column.numbers("rate", "", Goal.NONE));
    return memory(result.memory())
        + Rows.table(
            columns, result.longestOperations(OPERATIONS), time -> row(time, result, costs));
  }

  private static Row row(OperationTime time, BenchResult result, OperationCosts costs) {
    double calls = (double) time.calls() / result.profiledSteps();
    double seconds = time.seconds() / result.profiledSteps();
    return Rows.of(
        time.name(),
        format("%.1f", calls),
        format("%.3f", 1e3 * seconds),
        format("%.1f", 100 * time.seconds() / result.profile().seconds()),
        costs.of(time.name(), calls).map(cost -> cost.over(seconds)).orElse(Rows.NONE));
  }

  private static String memory(MemoryReport memory) {
    String tags =
        Arrays.stream(MemoryTag.values())
            .filter(memory.peak()::containsKey)
            .map(tag -> tag.name().toLowerCase(Locale.ROOT) + gigabytes(memory.peak().get(tag)))
            .collect(Collectors.joining(", "));
    return "peak memory in GB:"
        + gigabytes(memory.peakTotal())
        + " ("
        + tags
        + "); free for reuse:"
        + gigabytes(memory.pooled())
        + "\n\n";
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, " %.2f", bytes / 1e9);
  }
}
