// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.mneme.compute.Device;
import org.mneme.eval.record.Findings;
import org.mneme.eval.record.RecordedRun;
import org.mneme.eval.record.RunRecord;
import org.mneme.eval.report.ComparisonTables;
import org.mneme.eval.report.MarkdownTable;
import org.mneme.eval.report.Report;
import org.mneme.eval.report.RunSummary;
import org.mneme.train.DataFiles;
import org.mneme.train.RunConfig;
import org.mneme.train.RunFolder;
import org.mneme.train.TrainingData;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.DocumentSource;
import org.mneme.train.data.ProgressListener;
import org.mneme.train.data.UnigramEntropy;
import org.mneme.train.tokenizer.Tokenizer;

/** Trains one model on text files and writes its report. {@link #run} is the whole story. */
public final class TextTraining {
  private final Supplier<Device> devices;
  private final Path runs;
  private final String name;
  private final RunConfig run;
  private final String command;
  private final PrintWriter out;

  /**
   * A training.
   *
   * @param devices opens the device
   * @param runs folder for the run's folder
   * @param name of the run
   * @param run what is trained, how and on what
   * @param command what to type to get the same again
   */
  public TextTraining(
      Supplier<Device> devices,
      Path runs,
      String name,
      RunConfig run,
      String command,
      PrintWriter out) {
    this.devices = devices;
    this.runs = runs;
    this.name = name;
    this.run = run;
    this.command = command;
    this.out = out;
  }

  /**
   * Trains, evaluates and writes the report, whose path is the last line printed. All text is read
   * and tokenised before the run's folder is made.
   */
  public void run() throws IOException {
    DataFiles files = new DataFiles(run.data());
    DocumentSource documents = files.documents();
    Path learned = Files.createTempFile("mneme-tokenizer-", ".json");
    try (Device device = devices.get();
        Tokenizer tokenizer =
            files.tokenizer(documents, run.model().vocabSize(), learned, ProgressListener.NONE)) {
      TrainingData data = TrainingData.of(run, documents, tokenizer, ProgressListener.NONE);
      DocumentSet looked = data.validation().orElse(data.training()).documents();
      ExperimentTexts texts = ExperimentTexts.of(looked, tokenizer);
      RunFolder folder = RunFolder.named(runs, name);
      RunSummary summary = new Experiment(name, name, run, data, texts).run(device, folder);
      write(report(device, summary, data, documents), folder);
    } finally {
      Files.deleteIfExists(learned);
    }
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

  private void write(Report report, RunFolder folder) throws IOException {
    Findings.of(report.runs().get(0), report).write(folder.root());
    new RunRecord(RecordedRun.read(folder.root()), List.of()).write(folder.root());
    out.printf("%n%s%n", MarkdownTable.render(ComparisonTables.results(report)));
    out.printf("report: %s%n", folder.report().toAbsolutePath());
    out.flush();
  }
}
