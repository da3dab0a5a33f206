// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.mneme.examples.DeviceOption;
import org.mneme.model.config.PublishedSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains one model on the user's text. */
@Command(
    name = "train",
    description = "Train a model on JSONL files (plain, gzip or zstd) and write a report.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "JSONL files with a text field; default: those of the configuration.")
  private List<Path> files = List.of();

  @Option(
      names = "--system",
      paramLabel = "ID",
      description = "Published system to begin with: 1.4.0, 1.4.1, 1.4.2, 1.4.5, 1.4.6 or beside.")
  private String system = "1.4.0";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "JSON configuration (model, train, data) in place of a published one.")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a key, such as model.knowledge_num=65536; can be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--runs", paramLabel = "DIR", description = "Folder for the run's folder.")
  private Path runs = Path.of("runs");

  @Option(names = "--name", description = "Name of the run (default: the system's id).")
  private String name;

  @Override
  public Integer call() throws IOException {
    PublishedSystem published = PublishedSystem.of(system);
    ConfiguredRun configured = ConfiguredRun.of(published, config, overrides, files);
    String called = name != null ? name : config != null ? "train" : published.id();
    PrintWriter out = spec.commandLine().getOut();
    String command =
        "./mneme " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    new TextTraining(device::open, runs, called, configured.run(), command, out).run();
    return 0;
  }
}
