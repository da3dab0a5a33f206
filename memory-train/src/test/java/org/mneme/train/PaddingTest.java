// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.Tensor;
import org.mneme.memory.ema.EmaRule;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.model.LanguageModel;
import org.mneme.model.TargetWeights;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.config.QueryNorm;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.config.TrainConfigBuilder;
import org.mneme.train.data.Batch;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.optimizer.MemoryOptimizer;

/**
 * Padding takes part in nothing. Published memories moved towards the features of padding, which is
 * most of a batch of short documents.
 */
class PaddingTest extends TinyTest {
  private static final int SHORT = 16;
  private static final int LONG = 64;
  private static final int STEPS = 20;

  private enum System {
    ORIGINAL(PublishedSystem.ORIGINAL, model -> model, train -> train),
    PUBLISHED_TOKENS(PublishedSystem.EMA_TOKEN, rule(EmaRule.PUBLISHED), train -> train),
    SHADOW(PublishedSystem.EMA_TOKEN, rule(EmaRule.SHADOW), train -> train),
    COUNT(PublishedSystem.EMA_TOKEN, rule(EmaRule.COUNT), train -> train),
    POSITIONAL(
        PublishedSystem.EMA_TOKEN,
        model -> model.emaRule(EmaRule.SHADOW).emaPositional(true).emaNormalised(true),
        train -> train.accumulationSteps(2)),
    EPISODIC(PublishedSystem.EMA_TOKEN, rule(EmaRule.EPISODIC), train -> train),
    FROM_TEXT(
        PublishedSystem.EMA_TOKEN,
        rule(EmaRule.SHADOW),
        train -> train.memoryInit(MemoryInit.KMEANS)),
    REVIVED_TOKENS(PublishedSystem.EMA_TOKEN, rule(EmaRule.SHADOW), revived(RevivalSource.PHRASES)),
    VECTORS(
        PublishedSystem.EMA_VECTOR,
        model -> model.memoryHeads(2).queryNorm(QueryNorm.BATCH),
        revived(RevivalSource.FEATURES)),
    COUNTED_VECTORS(PublishedSystem.EMA_VECTOR, rule(EmaRule.COUNT), revived(RevivalSource.USED)),
    CENTRES(
        PublishedSystem.EMA_VECTOR,
        model -> model.memoryHeads(2),
        train -> train.memoryInit(MemoryInit.KMEANS)),
    LEARNED(PublishedSystem.GATED_MLP, model -> model.balanceLossCoef(0.5), train -> train),
    ATTENDED(
        PublishedSystem.CROSS_ATTENTION,
        model -> model.balanceLossCoef(0.5).queryNorm(QueryNorm.BATCH).memoryHeads(2),
        lazy()),
    BESIDE(PublishedSystem.BESIDE, model -> model.balanceLossCoef(0.5), lazy()),
    BESIDE_TOKENS(
        PublishedSystem.EMA_TOKEN,
        model ->
            model
                .memoryStore(MemoryStore.EMA_TOKEN)
                .memoryFusion(MemoryFusion.BESIDE)
                .readNorm(true)
                .queryNorm(QueryNorm.BATCH)
                .emaRule(EmaRule.SHADOW),
        train -> train),
    CONTEXT(PublishedSystem.CONTEXT, model -> model, train -> train);

    private final PublishedSystem published;
    private final UnaryOperator<ModelConfigBuilder> model;
    private final UnaryOperator<TrainConfigBuilder> train;

    System(
        PublishedSystem published,
        UnaryOperator<ModelConfigBuilder> model,
        UnaryOperator<TrainConfigBuilder> train) {
      this.published = published;
      this.model = model;
      this.train = train;
    }

    private static UnaryOperator<ModelConfigBuilder> rule(EmaRule rule) {
      return model -> model.emaRule(rule);
    }

    private static UnaryOperator<TrainConfigBuilder> revived(RevivalSource source) {
      return train -> train.revivalUnusedUpdates(3).revivalMaxShare(0.2).revivalSource(source);
    }

    private static UnaryOperator<TrainConfigBuilder> lazy() {
      return train -> train.memoryOptimizer(MemoryOptimizer.LAZY);
    }

    /** Whether what is copied from the text ends at the padding token and not at the mask. */
    boolean copiesText() {
      return this == EPISODIC || this == CONTEXT || this == REVIVED_TOKENS;
    }
  }

  private static DocumentSource texts() {
    String[] words = {"cat", "owl", "fox", "dog"};
    SplittableRandom random = new SplittableRandom(5);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      StringBuilder text = new StringBuilder(words[random.nextInt(words.length)]);
      for (int more = random.nextInt(3); more > 0; more--) {
        text.append(' ').append(words[random.nextInt(words.length)]);
      }
      documents.add(new Document(text.toString()));
    }
    return DocumentSource.of("short", documents);
  }

  private static RunConfig run(System system, int sequence, boolean masked) {
    ModelConfigBuilder builder =
        tiny.model(system.published).knowledgeNum(49).emaUpdateFreq(2).maxSeqLen(sequence);
    ModelConfig model = system.model.apply(builder).build();
    TrainConfig train =
        system
            .train
            .apply(Tiny.train().learningRate(1e-2).maxSteps(STEPS).maskPadding(masked))
            .build();
    RunConfig packed = tiny.run(model, train);
    DataConfig data = packed.data().toBuilder().packing(BatchConfig.Form.PADDED).build();
    return new RunConfig(model, train, data);
  }

  /** What a batch holds where there is no text. */
  private interface Padding {
    Batch of(Batch batch);
  }

  /** All that a training has learned and remembers, by name. */
  private Map<String, byte[]> train(RunConfig run, Padding padding) {
    Map<String, byte[]> state = new LinkedHashMap<>();
    TrainConfig train = run.train();
    TrainingData data = TrainingData.of(run, texts(), tiny.tokenizer, ProgressListener.NONE);
    TrainingPlan plan = TrainingPlan.of(train, 100);
    try (LanguageModel model = run.createModel(tiny.device)) {
      new MemoryInitializer(model, data, train).initialize(train.memoryInit());
      try (TrainingStep training =
          new TrainingStep(
              model, train, plan.optimizer(), tiny.tokenizer.padId(), TargetWeights.EQUAL)) {
        BatchIterator batches = data.training().endless(DataPosition.START);
        for (long step = 1; step <= train.maxSteps(); step++) {
          training.gradients(step, () -> padding.of(batches.next()));
          training.update(step);
          training.moveMemory(step, false);
        }
        state.put("cross-entropy", bytes(training.pass().crossEntropy()));
        state.put("balance loss", bytes(training.pass().balanceLoss()));
        training.forEachState(visitor(state));
      }
      state.put("parameters", bytes(model.parameters().values()));
      model.memory().ifPresent(memory -> state.put("entries", bytes(memory.bank())));
      model.buffers().tensors().forEach((name, tensor) -> state.put(name, bytes(tensor)));
      model.contexts().ifPresent(contexts -> state.put("votes", bytes(contexts.votes())));
    }
    return state;
  }

  private StateVisitor visitor(Map<String, byte[]> state) {
    return new StateVisitor() {
      @Override
      public void visit(String name, Tensor tensor) {
        state.put(name, bytes(tensor));
      }

      @Override
      public void visit(String name, float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length);
        buffer.asFloatBuffer().put(values);
        state.put(name, buffer.array());
      }

      @Override
      public void visit(String name, int[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length);
        buffer.asIntBuffer().put(values);
        state.put(name, buffer.array());
      }

      @Override
      public void visit(String name, double[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length);
        buffer.asDoubleBuffer().put(values);
        state.put(name, buffer.array());
      }
    };
  }

  private byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
    tiny.device.transfer().read(tensor, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static void expectEqual(Map<String, byte[]> found, Map<String, byte[]> wanted) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    found.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(wanted.get(name)));
  }

  @ParameterizedTest
  @EnumSource
  void longerSequencesChangeNoBit(System system) {
    // Elsewhere products over more positions are rounded in another order.
    assumeThat(tiny.device.replaysShapes()).isFalse();
    Map<String, byte[]> wanted = train(run(system, SHORT, true), batch -> batch);
    expectEqual(train(run(system, LONG, true), batch -> batch), wanted);
  }

  /** Also at one length of sequence, where padding is computed next to longer texts. */
  @ParameterizedTest
  @EnumSource
  void whatPaddingHoldsChangesNoBit(System system) {
    // A GPU computes padding; the zeros that it adds move the pieces in which long sums are added.
    assumeThat(tiny.device.replaysShapes()).isFalse();
    if (system.copiesText()) {
      return;
    }
    RunConfig run = run(system, SHORT, true);
    Map<String, byte[]> wanted = train(run, batch -> batch);
    expectEqual(train(run, PaddingTest::scribbled), wanted);
  }

  private static Batch scribbled(Batch batch) {
    int[] ids = batch.inputIds().clone();
    SplittableRandom random = new SplittableRandom(batch.tokenCount());
    for (int row = 0; row < batch.batch(); row++) {
      for (int t = batch.lengths()[row]; t < batch.sequence(); t++) {
        ids[row * batch.sequence() + t] = 5 + random.nextInt(200);
      }
    }
    return new Batch(
        ids,
        batch.sources(),
        batch.targets(),
        batch.batch(),
        batch.sequence(),
        batch.targetCount(),
        batch.tokenCount(),
        batch.lengths());
  }

  /** As published, padding trains: the tests above would notice it. */
  @ParameterizedTest
  @EnumSource(names = {"PUBLISHED_TOKENS", "VECTORS", "ATTENDED", "BESIDE", "CENTRES"})
  void withoutTheMaskPaddingTrains(System system) {
    RunConfig run = run(system, SHORT, false);
    Map<String, byte[]> wanted = train(run, batch -> batch);
    Map<String, byte[]> found = train(run, PaddingTest::scribbled);
    assertThat(found.get("parameters")).isNotEqualTo(wanted.get("parameters"));
  }
}
