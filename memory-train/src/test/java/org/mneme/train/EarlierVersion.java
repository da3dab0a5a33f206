// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.mneme.memory.ema.EmaRule;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.model.LanguageModel;
import org.mneme.model.TokenLosses;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.config.QueryNorm;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.optimizer.MemoryOptimizer;

/**
 * The trainings whose checkpoints are kept in the test resources, one for each kind of store and of
 * training state. {@link EarlierVersionWriter} writes them, {@link EarlierVersionTest} reads what
 * an earlier version wrote.
 */
enum EarlierVersion {
  NONE(PublishedSystem.ORIGINAL, model -> model, train -> train),
  LEARNED(
      PublishedSystem.CROSS_ATTENTION,
      model -> model.queryNorm(QueryNorm.BATCH).memoryHeads(2),
      train -> train),
  EMA_VECTOR(
      PublishedSystem.EMA_VECTOR,
      model -> model.emaRule(EmaRule.COUNT),
      train -> train.revivalUnusedUpdates(2).revivalSource(RevivalSource.USED)),
  EMA_TOKEN_PUBLISHED(
      PublishedSystem.EMA_TOKEN, model -> model.emaRule(EmaRule.PUBLISHED), train -> train),
  EMA_TOKEN_SHADOW(
      PublishedSystem.EMA_TOKEN,
      model -> model.emaRule(EmaRule.SHADOW).emaPositional(true),
      train -> train),
  BESIDE(
      PublishedSystem.BESIDE,
      model -> model,
      train -> train.memoryOptimizer(MemoryOptimizer.LAZY).memoryLearningRate(1e-2)),
  CONTEXT_TOKEN(PublishedSystem.CONTEXT, model -> model, train -> train);

  /** After this step a checkpoint is kept. */
  static final int SAVED = 6;

  static final int STEPS = 8;

  private final PublishedSystem system;
  private final UnaryOperator<ModelConfigBuilder> model;
  private final UnaryOperator<TrainConfigBuilder> train;

  EarlierVersion(
      PublishedSystem system,
      UnaryOperator<ModelConfigBuilder> model,
      UnaryOperator<TrainConfigBuilder> train) {
    this.system = system;
    this.model = model;
    this.train = train;
  }

  /** What is trained: a model of a few thousand parameters. */
  RunConfig run(Tiny tiny) {
    ModelConfigBuilder small =
        tiny.model(system).dim(8).nLayers(2).nHeads(2).nKvHeads(1).knowledgeDim(8).emaUpdateFreq(2);
    TrainConfigBuilder settings =
        Tiny.train().learningRate(3e-2).maxSteps(STEPS).logInterval(2).evalInterval(4);
    // As in the version that wrote them, which did not know this setting.
    return tiny.run(model.apply(small).build(), train.apply(settings.maskPadding(false)).build());
  }

  /** The mean loss on sequences of tokens that a seed gives, the same in every version. */
  static double loss(LanguageModel model) {
    int sequence = model.config().maxSeqLen();
    SplittableRandom random = new SplittableRandom(11);
    int[] ids = random.ints(4L * sequence, 0, model.config().vocabSize()).toArray();
    int[] targets = random.ints(4L * sequence, 0, model.config().vocabSize()).toArray();
    float[] losses = new TokenLosses(model).of(ids, targets, 4, sequence);
    double sum = 0;
    for (float loss : losses) {
      sum += loss;
    }
    return sum / losses.length;
  }

  /** The name of its folder. */
  String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  static EarlierVersion of(String folder) {
    return Arrays.stream(values()).filter(each -> each.folder().equals(folder)).findFirst().get();
  }
}
