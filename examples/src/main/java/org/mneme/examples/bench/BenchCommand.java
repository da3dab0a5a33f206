// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.FloatingType;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.optimizer.MemoryOptimizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times whole training steps of the published systems and prints them beside PyTorch's. */
@Command(
    name = "bench",
    description = {
      "Time whole training steps (forward, backward, clip, AdamW, EMA every 5 steps) on random"
          + " tokens: tokens/s, share of time in matrix products, peak memory, time by operation."
          + " Sizes that are not given are those for which there are figures of PyTorch on such a"
          + " device."
    },
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;
  @Mixin private ShapeOptions sizes;

  @Option(
      names = "--systems",
      split = ",",
      paramLabel = "ID",
      description = "Systems to time (default: all published ones and beside).")
  private List<String> systems =
      Arrays.stream(PublishedSystem.values()).map(PublishedSystem::id).collect(Collectors.toList());

  @Option(
      names = "--entries",
      split = ",",
      paramLabel = "M",
      description = "Memory entries, squares; with several, each system is timed with each.")
  private List<Integer> entries = List.of();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type to compute with, f32 or bf16 (default: bf16 where the device has it).",
      converter = FloatingType.class)
  private DType type;

  @Option(
      names = "--memory-optimizer",
      paramLabel = "FORM",
      description = "Learned memory values that a step moves: dense (all) or lazy (those read).")
  private MemoryOptimizer memoryOptimizer;

  @Option(names = "--blocks", description = "Blocks of steps, of which the median counts.")
  private Integer blocks;

  @Option(names = "--steps", description = "Steps of a block, a multiple of 5.")
  private Integer steps;

  @Override
  public void run() {
    List<PublishedSystem> chosen =
        systems.stream().map(PublishedSystem::of).collect(Collectors.toList());
    PrintWriter out = spec.commandLine().getOut();
    BenchDefaults plan;
    BenchReport report;
    try (Device opened = device.open()) {
      BenchDefaults defaults = BenchDefaults.of(opened.info());
      plan = plan(defaults);
      LanguageModel.requireSupport(opened, plan.type());
      chosen.forEach(
          system -> entries(system, plan.shape()).forEach(m -> plan.shape().config(system, m)));
      out.printf("%s (%s)%n", opened.info().id(), opened.info().description());
      GemmRate rate = GemmRate.measure(opened, plan.type());
      out.printf("%s %s%n", plan.type(), rate);
      out.flush();
      boolean comparable = plan.shape().equals(defaults.shape()) && plan.type() == defaults.type();
      report =
          BenchDefaults.isGpu(opened.info())
              ? new GpuReport(rate, plan, comparable && plan.type() == DType.BF16)
              : new CpuReport(rate.flops() / 1e9, comparable && entries.isEmpty());
    }
    out.printf("%n%s", report.summary(time(chosen, plan, report)));
    out.flush();
  }

  private List<BenchResult> time(
      List<PublishedSystem> chosen, BenchDefaults plan, BenchReport report) {
    PrintWriter out = spec.commandLine().getOut();
    List<BenchResult> results = new ArrayList<>();
    for (PublishedSystem system : chosen) {
      for (int count : entries(system, plan.shape())) {
        try (Device opened = device.open()) {
          BenchResult result = new Bench(opened, plan).run(system, count);
          results.add(result);
          out.printf(
              Locale.ROOT, "%n%s: %,.0f tokens/s%n", result.title(), result.tokensPerSecond());
          out.print(report.operations(result));
          out.flush();
        }
      }
    }
    return results;
  }

  private List<Integer> entries(PublishedSystem system, BenchShape shape) {
    boolean one = entries.isEmpty() || system == PublishedSystem.ORIGINAL;
    return one ? List.of(shape.entries(system)) : entries;
  }

  /** The rest is checked where a model is configured. */
  private BenchDefaults plan(BenchDefaults defaults) {
    entries.forEach(m -> Arguments.atLeast(spec, "--entries", m, 1));
    int stepsOfBlock = steps == null ? defaults.steps() : steps;
    int count = blocks == null ? defaults.blocks() : blocks;
    Arguments.atLeast(spec, "--blocks", count, 1);
    Arguments.atLeast(spec, "--steps", stepsOfBlock, 1);
    if (stepsOfBlock % BenchShape.EMA_EVERY != 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--steps is "
              + stepsOfBlock
              + ", expected a multiple of "
              + BenchShape.EMA_EVERY
              + ", so that every block holds as many EMA updates");
    }
    return new BenchDefaults(
        sizes.shape(spec, defaults.shape()),
        type == null ? defaults.type() : type,
        memoryOptimizer == null ? defaults.memoryOptimizer() : memoryOptimizer,
        count,
        stepsOfBlock,
        defaults.warmUp());
  }
}
