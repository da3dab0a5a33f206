// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.UserException;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.FloatingType;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a study. */
@Command(
    name = "study",
    description =
        "Train several systems with several seeds on the same text and budget, and compare them."
            + " Runs that were finished before are kept.",
    mixinStandardHelpOptions = true)
public final class StudyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The study, YAML or JSON.")
  private Path file;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Folder for the study's folder (default: ${DEFAULT-VALUE}).")
  private Path runs = Path.of("runs");

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "Systems to run (default: all of the study).")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "Seeds in place of the study's.")
  private List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--data",
      split = ",",
      paramLabel = "FILE",
      description = "JSONL files in place of the study's corpus or files.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--no-checkpoints",
      description = "Remove each trained model once it is evaluated.")
  private boolean noCheckpoints;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type to compute with in place of the study's, f32 or bf16.",
      converter = FloatingType.class)
  private DType dtype;

  @Option(
      names = "--device",
      split = ",",
      paramLabel = "ID",
      description =
          "Device, or several: cuda:0,cuda:1 trains two runs at a time (default: the best"
              + " available).")
  private List<String> devices = new ArrayList<>();

  @Option(names = "--plan", description = "Print what would be trained, and stop.")
  private boolean planOnly;

  @Override
  public Integer call() throws IOException {
    StudyConfig study = StudyConfig.read(file);
    study = files.isEmpty() ? study : study.withFiles(files);
    study = seeds.isEmpty() ? study : study.withSeeds(seeds);
    study = dtype == null ? study : study.withDtype(dtype);
    List<PlannedSystem> systems = chosen(StudyPlanner.plan(study, file.toString()));
    PrintWriter out = spec.commandLine().getOut();
    systems.forEach(system -> out.printf("%-24s %s%n", system.name(), system.inWords()));
    out.flush();
    if (planOnly) {
      return ExitCode.OK;
    }
    List<Supplier<Device>> openers = openers();
    // A device that is not there shall not be noticed after the text was tokenised.
    openers.forEach(opener -> opener.get().close());
    List<String> failures =
        new Study(study, systems, openers, runs, Arguments.line(spec), !noCheckpoints, out).run();
    return failures.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private List<Supplier<Device>> openers() {
    return devices.isEmpty()
        ? List.of(Devices::open)
        : devices.stream().<Supplier<Device>>map(id -> () -> DeviceOption.open(id)).toList();
  }

  private List<PlannedSystem> chosen(List<PlannedSystem> systems) {
    List<String> names = systems.stream().map(PlannedSystem::name).toList();
    for (String name : only) {
      if (!names.contains(name)) {
        throw new UserException(
            String.format(
                Locale.ROOT,
                "--only %s: the study has no such system, expected one of %s",
                name,
                String.join(", ", names)));
      }
    }
    return systems.stream()
        .filter(system -> only.isEmpty() || only.contains(system.name()))
        .toList();
  }
}
