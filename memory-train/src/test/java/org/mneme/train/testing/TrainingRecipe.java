// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.util.Objects;
import org.mneme.compute.Device;
import org.mneme.model.LanguageModel;
import org.mneme.train.Trainer;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.data.DataPosition;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * A training that can be done again and again.
 *
 * @param device where
 * @param run what is trained and how
 * @param texts what it learns from
 * @param tokenizer of the texts; stays its opener's
 */
public record TrainingRecipe(
    Device device, RunConfig run, DocumentSource texts, Tokenizer tokenizer) {

  /** Checks that all parts are there. */
  public TrainingRecipe {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(texts, "texts");
    Objects.requireNonNull(tokenizer, "tokenizer");
  }

  /** A training on the tiny corpus. */
  public static TrainingRecipe of(Device device, RunConfig run, TinyCorpus corpus) {
    return new TrainingRecipe(device, run, corpus.documents(), corpus.tokenizer());
  }

  /** The same of another configuration. */
  public TrainingRecipe with(RunConfig other) {
    return new TrainingRecipe(device, other, texts, tokenizer);
  }

  /** A model before its first step; the caller closes it. */
  public LanguageModel createModel() {
    return run.createModel(device);
  }

  /** The texts as the trainer gets them. */
  public TrainingData data() {
    return TrainingData.of(run, texts, tokenizer, ProgressListener.NONE);
  }

  /** The first batch that a training sees. */
  public Batch firstBatch() {
    return data().training().endless(DataPosition.START).next();
  }

  /** The trainer of a model of this recipe. */
  public Trainer trainer(LanguageModel model, RunFolder folder) {
    return new Trainer(model, run, data(), folder);
  }

  /** Trains a new model and closes it. */
  public TrainingResult train(RunFolder folder) {
    try (LanguageModel model = createModel()) {
      return trainer(model, folder).train();
    }
  }
}
