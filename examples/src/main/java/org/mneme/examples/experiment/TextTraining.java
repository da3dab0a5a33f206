// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.eval.record.Findings;
import org.mneme.eval.record.RecordedRun;
import org.mneme.eval.record.RunRecord;
import org.mneme.eval.report.ComparisonTables;
import org.mneme.eval.report.Report;
import org.mneme.eval.report.RunSummary;
import org.mneme.eval.report.markup.MarkdownTable;
import org.mneme.examples.StopSignals;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.AtomicFile;
import org.mneme.train.DataFiles;
import org.mneme.train.TrainingData;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.UnigramEntropy;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.folder.RunLock;
import org.mneme.train.preflight.Passed;
import org.mneme.train.preflight.Preflight;
import org.mneme.train.preflight.RunInfo;
import org.mneme.train.tokenizer.Tokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains one model on text files and writes its report. {@link #run} is the whole story. */
public final class TextTraining {
  private static final Logger LOG = LoggerFactory.getLogger(TextTraining.class);

  private final Supplier<Device> devices;
  private final RunFolder folder;
  private final String name;
  private final RunConfig run;
  private final String command;
  private final PrintWriter out;

  /**
   * A training.
   *
   * @param devices opens the device
   * @param folder for the run's files
   * @param name of the run
   * @param run what is trained, how and on what
   * @param command what to type to get the same again
   */
  public TextTraining(
      Supplier<Device> devices,
      RunFolder folder,
      String name,
      RunConfig run,
      String command,
      PrintWriter out) {
    this.devices = devices;
    this.folder = folder;
    this.name = name;
    this.run = run;
    this.command = command;
    this.out = out;
  }

  /** Checks whether the run can begin and prints what it takes; leaves nothing behind. */
  public void check() {
    try (Passed passed = pass()) {
      out.println("the run can begin on " + passed.device().info().description());
      out.flush();
    }
  }

  private Passed pass() {
    Passed passed =
        new Preflight(run, folder.root()).also(new FactsCheck(run)::beforeTokenizer).pass(devices);
    out.println(passed.table());
    out.flush();
    return passed;
  }

  /**
   * Checks, trains, evaluates and writes the report, whose path is the last line printed. The run's
   * folder is made when the checks are passed; if another run has made it meanwhile, the one with
   * the next number is taken.
   */
  public void run() throws IOException {
    try (Passed passed = pass()) {
      begin(passed, folder.createNew());
    }
  }

  /**
   * Does what {@link #run} does in the folder given, which exists and is empty but for a log.
   *
   * @throws UserException if another process uses the folder, or it holds a run
   */
  public void runPrepared() throws IOException {
    try (Passed passed = pass()) {
      begin(passed, folder);
    }
  }

  private void begin(Passed passed, RunFolder made) throws IOException {
    try (RunLock lock = RunLock.acquire(made)) {
      made.requireUnused();
      RunInfo info = RunInfo.of(run, passed, command);
      info.write(made);
      // Already here, so that a run which is killed while it tokenises can be resumed.
      new JsonConfig().write(made.config(), run);
      try (StopSignals signals = signals(lock, false)) {
        lock.announce();
        train(passed.device(), info, lock, false, signals);
      }
    }
  }

  /** Signals that end the process before the first step: nothing would be lost. */
  private StopSignals signals(RunLock lock, boolean resumed) {
    StoppedRun stopped = StoppedRun.of(lock.folder(), run);
    return StopSignals.ending(() -> stopped.beforeSteps(resumed), lock::withdraw);
  }

  /**
   * Continues the run in the folder, which was interrupted; else as {@link #run}.
   *
   * @throws UserException if another process uses the folder
   */
  public void resume() throws IOException {
    try (RunLock lock = RunLock.acquire(folder);
        Passed passed = pass();
        StopSignals signals = signals(lock, true)) {
      lock.announce();
      // First, since a checkpoint that a crash left half replaced is one only afterwards.
      folder.checkpoints().clean();
      for (Path file : List.of(folder.config(), folder.info(), folder.tokenizer(), folder.pid())) {
        AtomicFile.deleteLeftovers(file);
      }
      train(passed.device(), RunInfo.of(run, passed, command), lock, true, signals);
    }
  }

  private void train(
      Device device, RunInfo info, RunLock lock, boolean resumed, StopSignals signals)
      throws IOException {
    DataFiles files = new DataFiles(run.data());
    DocumentSource documents = files.documents();
    RunFolder into = lock.folder();
    try (Tokenizer tokenizer = tokenizer(into, files, documents)) {
      new FactsCheck(run).with(tokenizer);
      TrainingData data = TrainingData.of(run, documents, tokenizer, ProgressListener.NONE);
      if (!resumed) {
        info.withData(data.summaries()).write(into);
      }
      Experiment experiment = new Experiment(name, name, run, data, texts(data));
      RunSummary summary = experiment.run(device, lock, resumed, signals);
      write(into, report(device, summary, data, documents));
      experiment.requireComplete();
    }
  }

  /** That of the run, if it has one already. */
  private Tokenizer tokenizer(RunFolder into, DataFiles files, DocumentSource documents) {
    Optional<Checkpoint> saved = into.checkpoints().newestIntact();
    return saved.isPresent()
        ? Tokenizer.load(saved.get().directory())
        : files.tokenizer(
            documents, run.model().vocabSize(), into.tokenizer(), ProgressListener.NONE);
  }

  private ExperimentTexts texts(TrainingData data) {
    DocumentSet looked = data.validation().orElse(data.training()).documents();
    List<String> prompts =
        run.experiment().prompts().stream()
            .filter(prompt -> fits(prompt, data.tokenizer()))
            .toList();
    return prompts.isEmpty()
        ? ExperimentTexts.of(looked, data.tokenizer(), run.model().maxSeqLen())
        : ExperimentTexts.of(prompts, looked, data.tokenizer());
  }

  /**
   * Whether the begin token and one new token fit too; a prompt is no reason to lose a training.
   */
  private boolean fits(String prompt, Tokenizer tokenizer) {
    int most = run.model().maxSeqLen() - 2;
    int tokens = tokenizer.encode(prompt).length;
    if (tokens > most) {
      LOG.warn("Prompt '{}' has {} tokens, at most {} fit: it is left out", prompt, tokens, most);
    }
    return tokens <= most;
  }

  private Report report(
      Device device, RunSummary summary, TrainingData data, DocumentSource documents) {
    double entropy =
        data.validation()
            .map(held -> UnigramEntropy.ofTargets(held.once(), data.tokenizer().vocabularySize()))
            .orElse(Double.NaN);
    return new Report(
        name,
        documents.name(),
        List.of(),
        List.of(summary),
        entropy,
        Environment.of(device),
        List.of(command));
  }

  private void write(RunFolder into, Report report) throws IOException {
    Findings.of(report.runs().get(0), report).write(into.root());
    new RunRecord(RecordedRun.read(into.root()), List.of()).write(into.root());
    out.printf("%n%s%n", MarkdownTable.render(ComparisonTables.results(report)));
    out.printf("report: %s%n", into.report().toAbsolutePath());
    out.flush();
  }
}
