// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.tokenizer.BpeConfig;
import org.mneme.train.tokenizer.BpeTrainer;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * Sixty short documents about five animals, the same each time, with a tokenizer learned from them;
 * and configurations so small that a training takes a second.
 */
public final class TinyCorpus implements AutoCloseable {
  private static final String[] ANIMALS = {"cat", "dog", "owl", "fox", "hen"};
  private static final String[] VERBS = {"sees", "likes", "hears"};
  private static final int DOCUMENTS = 60;
  private static final int VOCABULARY = 288;

  private final Path directory;
  private final DocumentSource documents;
  private final Tokenizer tokenizer;

  /** Writes the tokenizer, and later token shards, to a folder. */
  public TinyCorpus(Path directory) {
    this.directory = directory;
    this.documents = DocumentSource.of("tiny", text());
    Path file = directory.resolve("tokenizer.json");
    new BpeTrainer(new BpeConfig(VOCABULARY)).train(documents, ProgressListener.NONE).write(file);
    this.tokenizer = Tokenizer.load(file);
  }

  private static List<Document> text() {
    SplittableRandom random = new SplittableRandom(7);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      StringBuilder text = new StringBuilder();
      for (int sentence = 0; sentence < 1 + i % 3; sentence++) {
        String subject = ANIMALS[random.nextInt(ANIMALS.length)];
        String verb = VERBS[random.nextInt(VERBS.length)];
        String object = ANIMALS[random.nextInt(ANIMALS.length)];
        text.append("The ").append(subject).append(' ').append(verb);
        text.append(" the ").append(object).append(". ");
      }
      documents.add(new Document(text.toString()));
    }
    return documents;
  }

  /** The documents. */
  public DocumentSource documents() {
    return documents;
  }

  /** Their tokenizer, closed with the corpus. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** A model of two layers of width 32, with a memory of 64 entries if the system has one. */
  public ModelConfigBuilder model(PublishedSystem system) {
    ModelConfigBuilder builder =
        system
            .apply(ModelConfig.builder())
            .vocabSize(tokenizer.vocabularySize())
            .dim(32)
            .nLayers(2)
            .nHeads(4)
            .nKvHeads(2)
            .maxSeqLen(16)
            .knowledgeNum(64)
            .knowledgeLength(4)
            .knowledgeDim(16)
            .numSelected(4);
    return system == PublishedSystem.EMA_TOKEN ? builder.emaRule(EmaRule.SHADOW) : builder;
  }

  /** Twenty steps of four sequences, a report every five. */
  public static TrainConfigBuilder train() {
    return TrainConfig.builder()
        .learningRate(3e-3)
        .batchSize(4)
        .accumulationSteps(1)
        .maxSteps(20)
        .epochs(0)
        .logInterval(5)
        .evalAtStart(false)
        .evalInterval(0)
        .evalBatches(0)
        .saveInterval(0);
  }

  /** A run on the documents, packed, a tenth of them held out. */
  public RunConfig run(ModelConfig model, TrainConfig train) {
    DataConfig data =
        DataConfig.builder()
            .packing(BatchConfig.Form.PACKED)
            .validationFraction(0.1)
            .shards(directory.resolve("shards").toString())
            .build();
    return new RunConfig(model, train, data);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
