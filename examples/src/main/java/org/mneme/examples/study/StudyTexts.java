// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.mneme.compute.UserException;
import org.mneme.eval.facts.Biographies;
import org.mneme.eval.facts.FactFiles;
import org.mneme.examples.corpus.WordNetCorpus;
import org.mneme.examples.experiment.EvaluationPlan;
import org.mneme.examples.experiment.ExperimentTexts;
import org.mneme.train.DataFiles;
import org.mneme.train.TrainingData;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.ExperimentConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.DataSplit;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;
import org.mneme.train.data.text.JsonlSource;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * The text of a study, read and tokenised once for all runs. Documents are held out of the corpus
 * or the files; the biographies are all learned from, among the other documents.
 */
final class StudyTexts implements AutoCloseable {
  private static final int HASH_DIGITS = 12;

  private final List<String> heldOutOf;
  private final Tokenizer tokenizer;
  private final DataConfig named;
  private final DataSplit split;
  private final EvaluationPlan asked;
  private final ExperimentTexts looked;

  private StudyTexts(
      List<String> heldOutOf,
      Tokenizer tokenizer,
      DataConfig named,
      DataSplit split,
      EvaluationPlan asked,
      ExperimentTexts looked) {
    this.heldOutOf = List.copyOf(heldOutOf);
    this.tokenizer = tokenizer;
    this.named = named;
    this.split = split;
    this.asked = asked;
    this.looked = looked;
  }

  /**
   * Makes the facts, learns or opens the tokenizer, and tokenises, unless an earlier run of the
   * study has done so.
   *
   * @param run of any system of the study
   * @param longestSequence the smallest {@code max_seq_len} of its systems
   * @param root the study's folder
   * @throws UserException if something cannot be read, or a prompt or a fact that trained models
   *     are asked for is too long for one of them
   */
  static StudyTexts open(StudyConfig study, RunConfig run, int longestSequence, Path root)
      throws IOException {
    DataConfig data = run.data().toBuilder().files(study.data().files()).build();
    List<DocumentSource> sources = new ArrayList<>();
    sources.add(texts(study.data(), data));
    FactFiles files = new FactFiles(root.resolve("facts"));
    List<String> paths = new ArrayList<>(data.files());
    int biographies = 0;
    if (study.data().facts() != null) {
      files.write(new Biographies(study.data().facts().config()));
      sources.add(new JsonlSource(files.biographies()));
      paths.add(files.biographies().toString());
      biographies = study.data().facts().people() * study.data().facts().exposures();
    }
    DocumentSource documents = DocumentSource.concat(sources);
    Path vocabulary = vocabulary(documents, data, run.model().vocabSize(), root);
    Tokenizer tokenizer = tokenizer(documents, data, run.model().vocabSize(), vocabulary);
    TokenShard shard =
        new TokenShards(Path.of(data.shards()))
            .buildOrOpen(documents, tokenizer, ProgressListener.NONE);
    DataSplit split = split(shard, data, biographies);
    ExperimentTexts looked =
        looked(study.evaluation().prompts(), split, tokenizer, longestSequence);
    EvaluationPlan written = study.evaluation().plan(looked.prompts());
    EvaluationPlan asked =
        biographies == 0 ? written : written.withFacts(files.facts(), study.evaluation().facts());
    asked.requireFit(tokenizer, longestSequence);
    return new StudyTexts(
        study.data().corpus().isEmpty() ? data.files() : List.of(WordNetCorpus.NAME),
        tokenizer,
        data.toBuilder().files(paths).tokenizer(vocabulary.toString()).build(),
        split,
        asked,
        looked);
  }

  private static ExperimentTexts looked(
      List<String> prompts, DataSplit split, Tokenizer tokenizer, int longestSequence) {
    return prompts.isEmpty()
        ? ExperimentTexts.of(split.validation(), tokenizer, longestSequence)
        : ExperimentTexts.of(prompts, split.validation(), tokenizer);
  }

  private static DocumentSource texts(StudyData study, DataConfig data) {
    return study.corpus().isEmpty()
        ? new DataFiles(data).documents()
        : WordNetCorpus.load().every(study.every()).documents();
  }

  /** Where the tokenizer is: that of the configuration, or one whose name tells what it is of. */
  private static Path vocabulary(DocumentSource documents, DataConfig data, int size, Path root) {
    if (!data.tokenizer().isEmpty()) {
      return Path.of(data.tokenizer());
    }
    String hash = documents.sha256().toString().substring(0, HASH_DIGITS);
    return root.resolve("tokenizer-" + size + "-" + hash + ".json");
  }

  private static Tokenizer tokenizer(
      DocumentSource documents, DataConfig data, int size, Path vocabulary) {
    return Files.exists(vocabulary)
        ? Tokenizer.load(vocabulary)
        : new DataFiles(data).tokenizer(documents, size, vocabulary, ProgressListener.NONE);
  }

  /** The last documents, which are biographies, are never held out. */
  private static DataSplit split(TokenShard shard, DataConfig data, int biographies) {
    DataSplit drawn = DataSplit.of(shard, data.validationFraction(), data.splitSeed());
    int texts = shard.documents() - biographies;
    int[] heldOut = numbers(drawn.validation()).filter(number -> number < texts).toArray();
    if (heldOut.length == 0) {
      throw new UserException(
          "data configuration: validation_fraction is "
              + data.validationFraction()
              + ", expected a share that holds out at least one document");
    }
    IntStream learned =
        IntStream.concat(numbers(drawn.training()), numbers(drawn.validation()))
            .filter(number -> number >= texts)
            .sorted();
    int[] training =
        IntStream.concat(numbers(drawn.training()).filter(number -> number < texts), learned)
            .toArray();
    // Shuffled, so that memories that begin with pieces of text have pieces of all of it.
    return new DataSplit(
        new DocumentSet(shard, training).shuffled(data.splitSeed()),
        new DocumentSet(shard, heldOut));
  }

  private static IntStream numbers(DocumentSet documents) {
    return IntStream.range(0, documents.size()).map(documents::number);
  }

  /** A configuration that names the files, the tokenizer and what is asked. */
  RunConfig named(RunConfig run) {
    ExperimentConfig told = run.experiment();
    ExperimentConfig record =
        new ExperimentConfig(
            told.version(),
            told.description(),
            told.question(),
            told.hypotheses(),
            told.decisions(),
            told.goals(),
            told.baseline(),
            asked.prompts(),
            asked.factsSource(),
            told.nextSteps());
    return run.withData(named).withExperiment(record);
  }

  /** The texts as batches of a run. */
  TrainingData of(RunConfig run) {
    return TrainingData.of(run, split, split.training(), tokenizer);
  }

  /** Of which files, or of which corpus, the text is held out that models are measured on. */
  List<String> heldOutOf() {
    return heldOutOf;
  }

  /** What models are asked to write and to recall. */
  EvaluationPlan asked() {
    return asked;
  }

  /** Prompts, and texts to watch the memory on. */
  ExperimentTexts looked() {
    return looked;
  }

  /** What there is to learn from, in a sentence. */
  String inWords() {
    return String.format(
        Locale.ROOT,
        "%,d documents of %,d tokens to learn from, %,d held out; vocabulary %,d",
        split.training().size(),
        split.training().tokens(),
        split.validation().size(),
        tokenizer.vocabularySize());
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
