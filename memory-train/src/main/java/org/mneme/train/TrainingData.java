// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.Batches;
import org.mneme.train.data.DataSplit;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.DataSummary;
import org.mneme.train.data.shard.TokenShard;
import org.mneme.train.data.shard.TokenShards;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * What a model learns from.
 *
 * @param training batches to learn from
 * @param validation batches of held-out documents; empty if there are none
 * @param knowledge sentences for the first contents of a memory
 * @param tokenizer of all of them; stays its opener's
 */
public record TrainingData(
    Batches training, Optional<Batches> validation, DocumentSet knowledge, Tokenizer tokenizer) {

  /** Checks that all parts are there. */
  public TrainingData {
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(validation, "validation");
    Objects.requireNonNull(knowledge, "knowledge");
    Objects.requireNonNull(tokenizer, "tokenizer");
  }

  /**
   * Tokenises documents, or finds them tokenised by an earlier run, and divides them into batches
   * as configured. Without a knowledge file the training documents are the knowledge.
   *
   * @throws org.mneme.compute.UserException if a document cannot be read
   */
  public static TrainingData of(
      RunConfig run, DocumentSource documents, Tokenizer tokenizer, ProgressListener progress) {
    DataConfig data = run.data();
    TokenShards shards = new TokenShards(Path.of(data.shards()));
    TokenShard shard = shards.buildOrOpen(documents, tokenizer, progress);
    DataSplit split = DataSplit.of(shard, data.validationFraction(), data.splitSeed());
    DocumentSet knowledge =
        new DataFiles(data)
            .knowledge()
            .map(sentences -> DocumentSet.all(shards.buildOrOpen(sentences, tokenizer, progress)))
            .orElse(split.training());
    return of(run, split, knowledge, tokenizer);
  }

  /** Divides tokenised documents into batches as configured. */
  public static TrainingData of(
      RunConfig run, DataSplit split, DocumentSet knowledge, Tokenizer tokenizer) {
    TrainConfig train = run.train();
    BatchConfig form =
        new BatchConfig(
            run.data().packing(), train.batchSize(), run.model().maxSeqLen(), true, train.seed());
    Optional<Batches> validation =
        split.validation().size() == 0
            ? Optional.empty()
            : Optional.of(new Batches(split.validation(), tokenizer, form.ordered()));
    return new TrainingData(
        new Batches(split.training(), tokenizer, form), validation, knowledge, tokenizer);
  }

  /**
   * What all of it was made of, files with their hashes: the texts first, then the knowledge if it
   * is something else.
   */
  public List<DataSummary> summaries() {
    DataSummary texts = training.documents().shard().summary();
    DataSummary sentences = knowledge.shard().summary();
    return texts.equals(sentences) ? List.of(texts) : List.of(texts, sentences);
  }
}
