// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.Document;
import org.mneme.train.data.DocumentSource;
import org.mneme.train.data.ProgressListener;
import org.mneme.train.tokenizer.BpeConfig;
import org.mneme.train.tokenizer.BpeTrainer;
import org.mneme.train.tokenizer.Tokenizer;

/** A device, a tokenizer and a text, all small, for tests of training. */
final class Tiny implements AutoCloseable {
  private static final String[] ANIMALS = {"cat", "dog", "owl", "fox", "hen"};
  private static final String[] VERBS = {"sees", "likes", "hears"};
  private static final int VOCABULARY = 288;

  final Device device = Devices.open();
  final DocumentSource documents;
  final Tokenizer tokenizer;
  private final Path directory;

  Tiny(Path directory) {
    this.directory = directory;
    this.documents = DocumentSource.of("tiny", text(60));
    Path file = directory.resolve("tokenizer.json");
    new BpeTrainer(new BpeConfig(VOCABULARY)).train(documents, ProgressListener.NONE).write(file);
    this.tokenizer = Tokenizer.load(file);
  }

  private static List<Document> text(int count) {
    SplittableRandom random = new SplittableRandom(7);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
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

  ModelConfigBuilder model(PublishedSystem system) {
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

  static TrainConfigBuilder train() {
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

  RunConfig run(ModelConfig model, TrainConfig train) {
    DataConfig data =
        DataConfig.builder()
            .packing(BatchConfig.Form.PACKED)
            .validationFraction(0.1)
            .shards(directory.resolve("shards").toString())
            .build();
    return new RunConfig(model, train, data);
  }

  TrainingData data(RunConfig run) {
    return TrainingData.of(run, documents, tokenizer, ProgressListener.NONE);
  }

  LanguageModel create(RunConfig run) {
    return run.createModel(device);
  }

  Trainer trainer(LanguageModel model, RunConfig run, Path folder) {
    return new Trainer(model, run, data(run), new RunFolder(folder));
  }

  /** Trains a new model and closes it. */
  TrainingResult train(RunConfig run, Path folder) {
    try (LanguageModel model = create(run)) {
      return trainer(model, run, folder).train();
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    device.close();
  }
}
