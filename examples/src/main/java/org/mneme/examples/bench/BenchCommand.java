// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mneme.compute.Device;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.model.config.PublishedSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times whole training steps of the published systems and prints them beside PyTorch's. */
@Command(
    name = "bench",
    description = {
      "Time whole training steps (forward, backward, clip, AdamW, EMA every 5 steps) on random"
          + " tokens: tokens/s, share of time in matrix products, peak memory, time by operation."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class BenchCommand implements Runnable {
  private static final BenchShape REFERENCE = new BenchShape(256, 4, 8, 4, 256, 8, 6400, 65_536);

  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;

  @Option(
      names = "--systems",
      split = ",",
      paramLabel = "ID",
      description = "Systems to time (default: all published ones and beside).")
  private List<String> systems =
      Arrays.stream(PublishedSystem.values()).map(PublishedSystem::id).collect(Collectors.toList());

  @Option(names = "--blocks", description = "Blocks of 5 steps, of which the median counts.")
  private int blocks = 3;

  @Option(names = "--dim", description = "Width of the model.")
  private int dim = REFERENCE.dim();

  @Option(names = "--layers", description = "Blocks of the model.")
  private int layers = REFERENCE.layers();

  @Option(names = "--heads", description = "Query heads.")
  private int heads = REFERENCE.heads();

  @Option(names = "--kv-heads", description = "Key and value heads.")
  private int kvHeads = REFERENCE.kvHeads();

  @Option(names = "--sequence", description = "Positions of a sequence.")
  private int sequence = REFERENCE.sequence();

  @Option(names = "--batch", description = "Sequences of a step.")
  private int batch = REFERENCE.batch();

  @Option(names = "--vocabulary", description = "Tokens.")
  private int vocabulary = REFERENCE.vocabulary();

  @Option(names = "--entries", description = "Memory entries, a square.")
  private int entries = REFERENCE.entries();

  @Override
  public void run() {
    check();
    BenchShape shape =
        new BenchShape(dim, layers, heads, kvHeads, sequence, batch, vocabulary, entries);
    List<PublishedSystem> chosen =
        systems.stream().map(PublishedSystem::of).collect(Collectors.toList());
    chosen.forEach(shape::config);
    PrintWriter out = spec.commandLine().getOut();
    double gflops = gemmRate(out);
    BenchReport report = new BenchReport(gflops, shape.equals(REFERENCE));
    List<BenchResult> results = new ArrayList<>();
    for (PublishedSystem system : chosen) {
      try (Device opened = device.open()) {
        BenchResult result = new Bench(opened, shape, blocks).run(system);
        results.add(result);
        out.printf(
            Locale.ROOT,
            "%n%s, %s: %,.0f tokens/s%n",
            system.id(),
            system.description(),
            result.tokensPerSecond());
        out.print(report.operations(result));
        out.flush();
      }
    }
    out.printf("%n%s", report.summary(results));
    out.flush();
  }

  /** The rest is checked where a model is configured. */
  private void check() {
    Arguments.atLeast(spec, "--blocks", blocks, 1);
    Arguments.atLeast(spec, "--dim", dim, 2);
    Arguments.atLeast(spec, "--layers", layers, 1);
    Arguments.atLeast(spec, "--heads", heads, 1);
    Arguments.atLeast(spec, "--kv-heads", kvHeads, 1);
    Arguments.atLeast(spec, "--sequence", sequence, 1);
    Arguments.atLeast(spec, "--batch", batch, 1);
    Arguments.atLeast(spec, "--vocabulary", vocabulary, 1);
    Arguments.atLeast(spec, "--entries", entries, 1);
  }

  private double gemmRate(PrintWriter out) {
    try (Device opened = device.open()) {
      double gflops = GemmRate.measure(opened);
      out.printf(
          Locale.ROOT,
          "%s (%s)%nF32 matrix products of 2048 x 2048: %.0f GFLOP/s%n",
          opened.info().id(),
          opened.info().description(),
          gflops);
      out.flush();
      return gflops;
    }
  }
}
