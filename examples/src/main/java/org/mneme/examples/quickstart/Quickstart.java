// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.quickstart;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mneme.compute.Device;
import org.mneme.eval.record.Findings;
import org.mneme.eval.report.ComparisonTables;
import org.mneme.eval.report.HtmlReport;
import org.mneme.eval.report.Report;
import org.mneme.eval.report.RunSummary;
import org.mneme.eval.report.markup.MarkdownTable;
import org.mneme.examples.corpus.WordNetCorpus;
import org.mneme.examples.experiment.Environment;
import org.mneme.examples.experiment.Experiment;
import org.mneme.examples.experiment.ExperimentTexts;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.TrainingData;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.DataSplit;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.UnigramEntropy;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.tokenizer.BpeConfig;
import org.mneme.train.tokenizer.BpeTrainer;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * Learns a tokenizer from WordNet, pretrains some systems on it with equal tokens, evaluates them
 * on held-out synonym sets and writes the report that compares them. {@link #run} is the whole
 * story.
 */
final class Quickstart {
  private final Supplier<Device> devices;
  private final Path runs;
  private final QuickstartPlan plan;
  private final String command;
  private final PrintWriter out;

  /**
   * A quickstart.
   *
   * @param devices opens a device for each system, so that each has its own peak of memory
   * @param runs folder for the run's folder
   * @param plan what is pretrained, and how
   * @param command what to type to get the same again
   */
  Quickstart(
      Supplier<Device> devices, Path runs, QuickstartPlan plan, String command, PrintWriter out) {
    this.devices = devices;
    this.runs = runs;
    this.plan = plan;
    this.command = command;
    this.out = out;
  }

  /** Does it all; the report's path is the last line printed. */
  void run(Supplier<WordNetCorpus> wordNet) throws IOException {
    rehearse();
    RunFolder root = RunFolder.create(runs, "quickstart");
    say("reading WordNet 3.1");
    WordNetCorpus corpus = wordNet.get();

    say("learning a tokenizer of %,d tokens", QuickstartPlan.VOCABULARY);
    Path tokenizerFile = root.root().resolve("tokenizer.json");
    new BpeTrainer(new BpeConfig(QuickstartPlan.VOCABULARY))
        .train(corpus.documents(), ProgressListener.NONE)
        .write(tokenizerFile);

    try (Tokenizer tokenizer = Tokenizer.load(tokenizerFile)) {
      say("tokenising %,d documents", corpus.entries().size());
      TokenShards shards = new TokenShards(shards());
      TokenShard shard = shards.buildOrOpen(corpus.documents(), tokenizer, ProgressListener.NONE);
      RunConfig first = config(plan.systems().get(0), tokenizer);
      DataSplit split =
          DataSplit.of(shard, first.data().validationFraction(), first.data().splitSeed());
      DocumentSet definitions = definitions(corpus, split, shards, tokenizer);
      ExperimentTexts texts =
          ExperimentTexts.of(QuickstartPlan.PROMPTS, split.validation(), tokenizer);

      Map<String, String> environment = new LinkedHashMap<>();
      List<Experiment> experiments = new ArrayList<>();
      List<RunSummary> summaries = new ArrayList<>();
      for (PublishedSystem system : plan.systems()) {
        say("pretraining %s, %s", system.id(), system.description());
        RunConfig run = config(system, tokenizer);
        TrainingData data = TrainingData.of(run, split, definitions, tokenizer);
        Experiment experiment =
            new Experiment(system.id(), system.id() + " " + system.description(), run, data, texts);
        experiments.add(experiment);
        try (Device device = devices.get()) {
          environment.putAll(Environment.of(device));
          summaries.add(experiment.run(device, new RunFolder(root.root().resolve(system.id()))));
        }
      }
      double entropy = unigramEntropy(first, split, tokenizer);
      write(report(split, tokenizer, summaries, entropy, environment), root);
      experiments.forEach(Experiment::requireComplete);
    }
  }

  /** A device that is not there, or has not the type, shall not be noticed minutes later. */
  private void rehearse() {
    RunConfig first = plan.run(plan.systems().get(0), QuickstartPlan.VOCABULARY, shards());
    try (Device device = devices.get()) {
      first.createModel(device).close();
    }
  }

  private RunConfig config(PublishedSystem system, Tokenizer tokenizer) {
    return plan.run(system, tokenizer.vocabularySize(), shards());
  }

  private Path shards() {
    return runs.resolve("shards");
  }

  /** The definitions of the training documents alone, in a seeded random order. */
  private static DocumentSet definitions(
      WordNetCorpus corpus, DataSplit split, TokenShards shards, Tokenizer tokenizer) {
    List<Document> definitions =
        corpus.entries().stream()
            .map(entry -> new Document(entry.definition()))
            .collect(Collectors.toList());
    TokenShard shard =
        shards.buildOrOpen(
            DocumentSource.of("wordnet-3.1-definitions", definitions),
            tokenizer,
            ProgressListener.NONE);
    List<Integer> numbers =
        IntStream.range(0, split.training().size())
            .map(split.training()::number)
            .boxed()
            .collect(Collectors.toList());
    Collections.shuffle(numbers, new Random(1));
    return new DocumentSet(shard, numbers.stream().mapToInt(Integer::intValue).toArray());
  }

  private static double unigramEntropy(RunConfig run, DataSplit split, Tokenizer tokenizer) {
    TrainingData data = TrainingData.of(run, split, split.training(), tokenizer);
    return UnigramEntropy.ofTargets(
        data.validation().orElseThrow().once(), tokenizer.vocabularySize());
  }

  private Report report(
      DataSplit split,
      Tokenizer tokenizer,
      List<RunSummary> summaries,
      double unigramEntropy,
      Map<String, String> environment) {
    String subtitle =
        String.format(
            Locale.ROOT,
            "WordNet 3.1, %,d synonym sets for training, %,d held out; vocabulary %,d",
            split.training().size(),
            split.validation().size(),
            tokenizer.vocabularySize());
    return new Report(
        "Mneme quickstart",
        subtitle,
        List.of(
            "All systems learn from the same tokens. 1.4.0 is a transformer with feed-forward layers;"
                + " in 1.4.2 they are replaced by a memory of learned vectors; in 1.4.6 by one that"
                + " holds token ids that a person can read, here filled with definitions before the"
                + " first step. In context two layers have a memory beside them whose entries hold"
                + " the tokens that followed the same text elsewhere.",
            "The unigram entropy is the loss of a model that knows how often each token occurs and"
                + " nothing else. Loss without reads is measured with all memory reads set to zero:"
                + " the difference is what the memory contributes.",
            "1.4.6 moves its entries by the rule of its record: all places of an entry that is"
                + " chosen follow one feature, so that definitions give way to a few repeated"
                + " tokens. The keys ema_rule, ema_normalised and ema_positional choose rules that"
                + " keep phrases."),
        summaries,
        unigramEntropy,
        environment,
        List.of(command));
  }

  private void write(Report report, RunFolder root) throws IOException {
    for (RunSummary run : report.runs()) {
      Findings.of(run, report).write(root.root().resolve(run.name()));
    }
    HtmlReport.write(report, root.report());
    out.printf(
        Locale.ROOT,
        "%n%s%n%s%nunigram entropy of the same tokens: %.3f nats%nreport: %s%n",
        MarkdownTable.render(ComparisonTables.results(report)),
        MarkdownTable.render(ComparisonTables.memoryUsage(report)),
        report.unigramEntropy(),
        root.report().toAbsolutePath());
    out.flush();
  }

  private void say(String format, Object... arguments) {
    out.printf(Locale.ROOT, format + "%n", arguments);
    out.flush();
  }
}
