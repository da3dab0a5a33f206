// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.examples.experiment.EvaluationParts;
import org.mneme.train.folder.FolderLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains every system of a study with every seed, evaluates each, and compares them. Runs that were
 * finished before are taken as they are; one that fails does not keep the others from running.
 * {@link #run} is the whole story.
 */
final class Study {
  private static final Logger LOG = LoggerFactory.getLogger(Study.class);

  private final StudyConfig config;
  private final List<PlannedSystem> systems;
  private final List<Supplier<Device>> devices;
  private final Path root;
  private final String command;
  private final boolean keepsCheckpoints;
  private final PrintWriter out;
  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

  /**
   * A study.
   *
   * @param systems those of its systems that are run
   * @param devices where runs are trained, as many at a time; each is opened anew for each run: one
   *     that breaks takes no other run with it, and each run has its own peak of memory
   * @param runs folder for the study's folder
   * @param command what to type to do it again
   * @param keepsCheckpoints whether trained models are left in the folders of the runs
   */
  Study(
      StudyConfig config,
      List<PlannedSystem> systems,
      List<Supplier<Device>> devices,
      Path runs,
      String command,
      boolean keepsCheckpoints,
      PrintWriter out) {
    this.config = config;
    this.systems = List.copyOf(systems);
    this.devices = List.copyOf(devices);
    this.root = runs.resolve(config.name());
    this.command = command;
    this.keepsCheckpoints = keepsCheckpoints;
    this.out = out;
  }

  /**
   * Does it all.
   *
   * @return what failed, a line for each run; empty if all is well
   * @throws UserException if another process runs a study of this name in the same folder
   */
  List<String> run() throws IOException {
    // First of all: a second study of this name would remove the runs of the first.
    try (FolderLock lock = FolderLock.acquire(root)) {
      return runLocked();
    }
  }

  private List<String> runLocked() throws IOException {
    say("reading and tokenising the text");
    try (StudyTexts texts =
        StudyTexts.open(config, systems.get(0).run(), longestSequence(), root)) {
      new StudyFolder(root).write(config);
      say("%s", texts.inWords());
      List<StudyRun> runs = runs(texts);
      List<Boolean> ends =
          new DeviceQueue(devices).work(runs, (device, run) -> isFinished(run, device, texts));
      List<Path> finished = new ArrayList<>();
      for (int i = 0; i < runs.size(); i++) {
        if (ends.get(i)) {
          finished.add(runs.get(i).folder().root());
        }
      }
      compare(finished, texts);
    }
    return List.copyOf(failures);
  }

  private int longestSequence() {
    return systems.stream()
        .mapToInt(system -> system.run().model().maxSeqLen())
        .min()
        .orElseThrow();
  }

  /** All systems with the first seed come first, so that there is soon something to compare. */
  private List<StudyRun> runs(StudyTexts texts) {
    return config.seeds().stream()
        .flatMap(seed -> systems.stream().map(system -> StudyRun.of(system, seed, texts, root)))
        .toList();
  }

  private boolean isFinished(StudyRun run, Supplier<Device> opener, StudyTexts texts) {
    try {
      if (run.isFinished()) {
        say("%-24s finished before", run.name());
        return true;
      }
      try (Device device = opener.get()) {
        StudyRun.Outcome outcome =
            run.run(device, texts, config.evaluation(), command, keepsCheckpoints);
        Evaluation evaluation = outcome.evaluation();
        say("%-24s %s", run.name(), RunLine.of(evaluation, outcome.cost()));
        if (!evaluation.isComplete()) {
          failed(run, "the evaluation is not complete:\n" + EvaluationParts.inLines(evaluation));
        }
        return true;
      }
    } catch (UserException e) {
      failed(run, e.getMessage());
    } catch (IOException | RuntimeException | VirtualMachineError | LinkageError e) {
      LOG.error("{} failed", run.name(), e);
      failed(run, e.toString());
    }
    return false;
  }

  private void failed(StudyRun run, String reason) {
    String line = String.format(Locale.ROOT, "%-24s FAILED: %s", run.name(), reason);
    failures.add(line);
    say("%s", line);
  }

  private void compare(List<Path> finished, StudyTexts texts) throws IOException {
    if (!finished.isEmpty()) {
      StudyReport report = new StudyReport(config, systems, texts.inWords(), finished, failures);
      say("%n%s", report.results());
      say("%s", report.write(root).toAbsolutePath());
    }
  }

  private void say(String format, Object... arguments) {
    // In one piece, whichever runs end at the same time.
    out.print(String.format(Locale.ROOT, format + "%n", arguments));
    out.flush();
  }
}
