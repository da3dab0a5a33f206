// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains one model on the user's text. */
@Command(
    name = "train",
    description = "Train a model on JSONL files (plain, gzip, zstd or xz) and write a report.",
    mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
  private static final String INTO = "--into";

  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "JSONL files with a text field (default: those of the configuration).")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--system",
      paramLabel = "ID",
      description =
          "System to begin with: 1.4.0, 1.4.1, 1.4.2, 1.4.5, 1.4.6, beside or context (default:"
              + " 1.4.0).")
  private String system;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration, JSON or YAML, in place of a published one.")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Override a key, such as model.knowledge_num=65536, experiment.goals.0.at_most=2.4 or"
              + " 'data.files=[a.jsonl, b.jsonl]'; can be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Folder for the run's folder (default: ${DEFAULT-VALUE}).")
  private Path runs = Path.of("runs");

  @Option(
      names = "--name",
      description = "Name of the run (default: the system's id, or 'train' with --config).")
  private String name;

  @Option(
      names = "--check",
      description = "Only check whether the run can begin, and print what it takes.")
  private boolean check;

  @Option(
      names = "--detach",
      description = "Train in the background; what it prints goes into run.log in its folder.")
  private boolean detach;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      description =
          "Go on with a run that was interrupted, in its folder and with its configuration; --set,"
              + " --device, --check and --detach go with it.")
  private Path interrupted;

  /** Where {@code --detach} has made its log. */
  @Option(names = INTO, paramLabel = "DIR", hidden = true)
  private Path into;

  @Override
  public Integer call() throws IOException {
    if (interrupted != null) {
      return resume();
    }
    if (system != null && config != null) {
      throw new ParameterException(
          spec.commandLine(), "found both --system and --config, expected one of them");
    }
    PublishedSystem published = PublishedSystem.of(system == null ? "1.4.0" : system);
    Overrides settings = new Overrides(overrides).behindFiles(files);
    RunConfig run =
        config == null
            ? settings.applyTo(PublishedRuns.name(published), PublishedRuns.text(published))
            : settings.applyTo(config.toString(), JsonConfig.text(config));
    if (config == null && files.isEmpty()) {
      requireText(run);
    }
    String label = name != null ? name : config == null ? published.id() : "train";
    return train(into == null ? RunFolder.named(runs, label) : new RunFolder(into), label, run);
  }

  /** A published configuration names the text of its record, which does not come with Mneme. */
  private void requireText(RunConfig run) {
    boolean named = overrides.stream().anyMatch(setting -> setting.startsWith("data.files"));
    for (String file : run.data().files()) {
      if (!named && !Files.exists(Path.of(file))) {
        throw new ParameterException(
            spec.commandLine(),
            "no FILE given, and there is no "
                + file
                + ", the text of the record; expected JSONL"
                + " files with your text");
      }
    }
  }

  private int resume() throws IOException {
    if (!files.isEmpty() || system != null || config != null || name != null) {
      throw new ParameterException(
          spec.commandLine(),
          "found files, --system, --config or --name beside --resume, which takes all of them from"
              + " the run's configuration");
    }
    RunFolder folder = MeantRuns.require(interrupted, runs);
    String resolved = RunConfig.textOfRun(folder.config());
    RunConfig run = new Overrides(overrides).applyTo(folder.config().toString(), resolved);
    return train(folder, folder.name(), run);
  }

  private int train(RunFolder folder, String label, RunConfig run) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (detach && !check) {
      RunFolder made = interrupted == null ? folder.createNew() : folder;
      return new DetachedTraining(made, detached(made), out).start();
    }
    TextTraining training = new TextTraining(device::open, folder, label, run, command(), out);
    if (check) {
      training.check();
    } else if (interrupted != null) {
      training.resume();
    } else if (into != null) {
      training.runPrepared();
    } else {
      training.run();
    }
    return 0;
  }

  private List<String> detached(RunFolder folder) {
    List<String> arguments = new ArrayList<>(typed());
    arguments.addAll(List.of(INTO, folder.root().toString()));
    return arguments;
  }

  /** What to type to get the same again, in the foreground. */
  private String command() {
    return Arguments.line(into == null ? typed() : typed().subList(0, typed().size() - 2));
  }

  private List<String> typed() {
    return spec.commandLine().getParent().getParseResult().originalArgs().stream()
        .filter(argument -> !argument.equals("--detach"))
        .toList();
  }
}
