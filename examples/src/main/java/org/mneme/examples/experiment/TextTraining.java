// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.mneme.compute.Device;
import org.mneme.eval.report.ComparisonTables;
import org.mneme.eval.report.HtmlReport;
import org.mneme.eval.report.MarkdownTable;
import org.mneme.eval.report.Report;
import org.mneme.eval.report.RunSummary;
import org.mneme.train.DataFiles;
import org.mneme.train.RunConfig;
import org.mneme.train.RunFolder;
import org.mneme.train.TrainingData;
import org.mneme.train.data.DataSplit;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.DocumentSource;
import org.mneme.train.data.ProgressListener;
import org.mneme.train.data.TokenShards;
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

  /** Trains, evaluates and writes the report, whose path is the last line printed. */
  public void run() throws IOException {
    DataFiles files = new DataFiles(run.data());
    DocumentSource documents = files.documents();
    try (Device device = devices.get()) {
      RunFolder folder = RunFolder.create(runs, name);
      try (Tokenizer tokenizer =
          files.tokenizer(
              documents,
              run.model().vocabSize(),
              folder.root().resolve("tokenizer.json"),
              ProgressListener.NONE)) {
        TrainingData data = TrainingData.of(run, documents, tokenizer, ProgressListener.NONE);
        DataSplit split = split(documents, tokenizer);
        DocumentSet looked = data.validation().isPresent() ? split.validation() : split.training();
        ExperimentTexts texts = ExperimentTexts.of(looked, tokenizer);
        RunSummary summary = new Experiment(name, name, run, data, texts).run(device, folder);
        write(report(device, summary, data, documents), folder);
      }
    }
  }

  private DataSplit split(DocumentSource documents, Tokenizer tokenizer) {
    TokenShards shards = new TokenShards(Path.of(run.data().shards()));
    return DataSplit.of(
        shards.buildOrOpen(documents, tokenizer, ProgressListener.NONE),
        run.data().validationFraction(),
        run.data().splitSeed());
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
    HtmlReport.write(report, folder.report());
    out.printf(
        Locale.ROOT,
        "%n%s%nunigram entropy of the held-out tokens: %.3f nats%nreport: %s%n",
        MarkdownTable.render(ComparisonTables.results(report)),
        report.unigramEntropy(),
        folder.report().toAbsolutePath());
    out.flush();
  }
}
