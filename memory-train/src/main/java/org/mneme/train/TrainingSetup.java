// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.mneme.model.LanguageModel;
import org.mneme.train.checkpoint.DataIdentity;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.folder.RunFolder;

/**
 * What a training is made of.
 *
 * @param model that learns
 * @param run how
 * @param data from what
 * @param folder where its files are
 * @param plan what is done at which step
 */
record TrainingSetup(
    LanguageModel model, RunConfig run, TrainingData data, RunFolder folder, TrainingPlan plan) {

  /** Positions of a step. */
  long tokensPerStep() {
    return plan.tokensPerStep(model.config().maxSeqLen());
  }

  /** What tells the data from others. */
  DataIdentity dataIdentity() {
    DocumentSet documents = data.training().documents();
    return new DataIdentity(
        documents.sourceSha256().toString(),
        data.tokenizer().sha256().toString(),
        documents.tokens(),
        data.training().sequencesPerEpoch());
  }

  /**
   * The version of the streams of random numbers that a training draws from in its course. It is
   * raised when a stream is keyed in another way, so that a resume can say what no longer agrees.
   */
  static final String STREAMS = "2";

  /** What trains. */
  Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    String version = Trainer.class.getPackage().getImplementationVersion();
    versions.put("mneme", version == null ? "development" : version);
    versions.put("streams", STREAMS);
    versions.put("java", Runtime.version().toString());
    versions.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    versions.put("device", model.device().info().id() + ": " + model.device().info().description());
    return versions;
  }
}
