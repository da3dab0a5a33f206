// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import static org.mneme.examples.bench.Rows.format;

import java.util.List;
import java.util.OptionalDouble;
import org.mneme.compute.OperationProfile.OperationTime;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Goal;
import org.mneme.eval.report.markup.Table.Row;

/** The figures of a CPU, beside those of PyTorch scaled by the rate of matrix products. */
final class CpuReport implements BenchReport {
  private static final int OPERATIONS = 12;

  private final double gflops;
  private final boolean comparable;

  /**
   * A report.
   *
   * @param gflops the machine's rate of matrix products
   * @param comparable whether the sizes are those of the reference
   */
  CpuReport(double gflops, boolean comparable) {
    this.gflops = gflops;
    this.comparable = comparable;
  }

  @Override
  public String summary(List<BenchResult> results) {
    List<Column> columns =
        List.of(
            Column.words("system"),
            Column.words("memory"),
            Column.numbers("parameters", "M", Goal.NONE),
            Column.numbers("speed", "tokens/s", Goal.NONE),
            Column.numbers("PyTorch eager, scaled", "tokens/s", Goal.NONE),
            Column.numbers("ratio", "", Goal.NONE),
            Column.numbers("time in GEMM", "%", Goal.NONE),
            Column.numbers("peak resident", "MB", Goal.NONE));
    return Rows.table(columns, results, this::row);
  }

  private Row row(BenchResult result) {
    OptionalDouble reference =
        comparable ? PyTorchOnCpu.tokensPerSecond(result.system(), gflops) : OptionalDouble.empty();
    return Rows.of(
        result.system().id(),
        result.system().description(),
        format("%.1f", result.parameters() / 1e6),
        format("%,.0f", result.tokensPerSecond()),
        format("%,.0f", reference.orElse(Double.NaN)),
        format("%.2f", result.tokensPerSecond() / reference.orElse(Double.NaN)),
        format("%.0f", 100 * result.profile().gemmShare()),
        result.peakResidentBytes() < 0
            ? Rows.NONE
            : format("%,.0f", result.peakResidentBytes() / 1e6));
  }

  /** The longest operations of a step. */
  @Override
  public String operations(BenchResult result) {
    List<Column> columns =
        List.of(
            Column.words("operation"),
            Column.numbers("calls a step", "", Goal.NONE),
            Column.numbers("time a step", "ms", Goal.NONE),
            Column.numbers("share", "%", Goal.NONE));
    return Rows.table(columns, result.longestOperations(OPERATIONS), time -> row(time, result));
  }

  private static Row row(OperationTime time, BenchResult result) {
    return Rows.of(
        time.name(),
        format("%.1f", (double) time.calls() / result.profiledSteps()),
        format("%.2f", 1e3 * time.seconds() / result.profiledSteps()),
        format("%.1f", 100 * time.seconds() / result.profile().seconds()));
  }
}
