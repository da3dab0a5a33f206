// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.testing.TinyCorpus;
import org.mneme.train.tokenizer.Tokenizer;

/** A device, a tokenizer and a text, all small, for tests of training. */
final class Tiny implements AutoCloseable {
  final Device device = Devices.open();
  final DocumentSource documents;
  final Tokenizer tokenizer;
  private final TinyCorpus corpus;

  Tiny(Path directory) {
    this.corpus = new TinyCorpus(directory);
    this.documents = corpus.documents();
    this.tokenizer = corpus.tokenizer();
  }

  ModelConfigBuilder model(PublishedSystem system) {
    return corpus.model(system);
  }

  static TrainConfigBuilder train() {
    return TinyCorpus.train();
  }

  RunConfig run(ModelConfig model, TrainConfig train) {
    return corpus.run(model, train);
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
    corpus.close();
    device.close();
  }
}
