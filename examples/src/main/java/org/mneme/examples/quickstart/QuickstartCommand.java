// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.quickstart;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import org.mneme.examples.corpus.WordNetCorpus;
import org.mneme.model.config.PublishedSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Pretrains some systems on WordNet and writes a report. */
@Command(
    name = "quickstart",
    description =
        "Pretrain systems on the text of WordNet in a few minutes and write a report that"
            + " compares them.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class QuickstartCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;

  @Option(names = "--systems", split = ",", paramLabel = "ID", description = "Systems to pretrain.")
  private List<String> systems =
      QuickstartPlan.SYSTEMS.stream().map(PublishedSystem::id).collect(Collectors.toList());

  @Option(names = "--runs", paramLabel = "DIR", description = "Folder for the run's folder.")
  private Path runs = Path.of("runs");

  @Option(names = "--steps", description = "Training steps of each system, 1,024 tokens each.")
  private long steps = 450;

  @Override
  public Integer call() throws IOException {
    Arguments.atLeast(spec, "--steps", steps, 1);
    PrintWriter out = spec.commandLine().getOut();
    List<PublishedSystem> chosen =
        systems.stream().map(PublishedSystem::of).collect(Collectors.toList());
    QuickstartPlan plan = new QuickstartPlan(chosen, steps, precision.type());
    new Quickstart(device::open, runs, plan, Arguments.line(spec), out).run(WordNetCorpus::load);
    return 0;
  }
}
