// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.model.LanguageModel;
import org.mneme.model.TokenLosses;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.GroupsConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;

/** What the options of a training do to what is learned. */
class TrainingOptionsTest extends TinyTest {
  private static RunConfig run(PublishedSystem system, TrainConfig train, BatchConfig.Form form) {
    RunConfig packed = tiny.run(tiny.model(system).build(), train);
    DataConfig data = packed.data().toBuilder().packing(form).build();
    return new RunConfig(packed.model(), packed.train(), data);
  }

  private List<TrainReport> reports(RunConfig run, String name) {
    List<TrainReport> reports = new ArrayList<>();
    TrainingListener keeping =
        new TrainingListener() {
          @Override
          public void reported(TrainReport report) {
            reports.add(report);
          }
        };
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, folder.resolve(name)).listen(keeping).train();
    }
    return reports;
  }

  @Test
  void accumulationIsOneStepOfTheWholeBatchWhereMicroBatchesDifferInTargets() {
    TrainConfig whole = Tiny.train().seed(1).batchSize(8).maxSteps(3).logInterval(1).build();
    TrainConfig parts = whole.toBuilder().batchSize(2).accumulationSteps(4).build();
    RunConfig one = run(PublishedSystem.ORIGINAL, whole, BatchConfig.Form.PADDED);
    RunConfig four = run(PublishedSystem.ORIGINAL, parts, BatchConfig.Form.PADDED);
    BatchIterator batches = tiny.data(four).training().once();
    assertThat(batches.next().targetCount()).isNotEqualTo(batches.next().targetCount());

    List<TrainReport> expected = reports(one, "one");
    List<TrainReport> found = reports(four, "four");
    assertThat(found).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(found.get(i).ce()).isCloseTo(expected.get(i).ce(), within(2e-4));
      assertThat(found.get(i).gradNorm()).isCloseTo(expected.get(i).gradNorm(), within(2e-3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEndOfADocumentIsATarget(BatchConfig.Form form) {
    RunConfig run = run(PublishedSystem.ORIGINAL, Tiny.train().build(), form);
    TrainingData data = tiny.data(run);
    long ends = 0;
    for (BatchIterator batches = data.training().once(); batches.hasNext(); ) {
      Batch batch = batches.next();
      ends += Arrays.stream(batch.targets()).filter(t -> t == data.tokenizer().endId()).count();
    }
    long whole =
        form == BatchConfig.Form.PACKED
            ? data.training().documents().size()
            : documentsThatFit(data, run.model().maxSeqLen());
    assertThat(ends).isEqualTo(whole).isPositive();
  }

  /** A sequence of T positions has T targets: the tokens and the end. */
  private static long documentsThatFit(TrainingData data, int sequence) {
    long count = 0;
    for (int i = 0; i < data.training().documents().size(); i++) {
      count += data.training().documents().length(i) < sequence ? 1 : 0;
    }
    return count;
  }

  @Test
  void aHeavierEndTokenIsLearnedBetter() {
    TrainConfig plain = Tiny.train().maxSteps(60).build();
    TrainConfig heavy = plain.toBuilder().endTokenWeight(20).build();
    assertThat(endLoss(heavy, "heavy")).isLessThan(0.8 * endLoss(plain, "plain"));
  }

  @Test
  void aStepWithoutATargetThatCountsHasNoLossAndNoGradient() {
    TrainConfig train =
        Tiny.train().batchSize(1).endTokenWeight(0).maxSteps(200).logInterval(1).build();
    RunConfig packed = tiny.run(tiny.model(PublishedSystem.ORIGINAL).maxSeqLen(1).build(), train);
    List<TrainReport> reports = reports(packed, "ends");
    assertThat(reports).hasSize(200).allMatch(report -> Double.isFinite(report.ce()));
    assertThat(reports).anyMatch(report -> report.ce() == 0 && report.gradNorm() == 0);
  }

  /** Mean loss of the end token on the held-out documents after training. */
  private double endLoss(TrainConfig train, String name) {
    RunConfig run = run(PublishedSystem.ORIGINAL, train, BatchConfig.Form.PACKED);
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, folder.resolve(name)).train();
      TrainingData data = tiny.data(run);
      double sum = 0;
      int count = 0;
      for (BatchIterator batches = data.validation().orElseThrow().once(); batches.hasNext(); ) {
        Batch batch = batches.next();
        float[] losses =
            new TokenLosses(model)
                .of(batch.inputIds(), batch.targets(), batch.batch(), batch.sequence());
        for (int i = 0; i < losses.length; i++) {
          if (batch.targets()[i] == data.tokenizer().endId()) {
            sum += losses[i];
            count++;
          }
        }
      }
      return sum / count;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"ORIGINAL", "EMA_TOKEN"})
  void embeddingsAreFrozenFromTheirEpochOn(PublishedSystem system) {
    TrainConfig train = Tiny.train().maxSteps(0).epochs(3).embeddingEpoch(2).batchSize(8).build();
    RunConfig run = run(system, train, BatchConfig.Form.PACKED);
    TrainingData data = tiny.data(run);
    long perEpoch = data.training().sequencesPerEpoch();
    List<float[]> embeddings = new ArrayList<>();
    List<float[]> norms = new ArrayList<>();
    try (LanguageModel model = tiny.create(run)) {
      TrainingListener keeping =
          new TrainingListener() {
            @Override
            public void stepped(long step) {
              embeddings.add(values(model, "tok_embeddings.weight"));
              norms.add(values(model, "norm.weight"));
            }
          };
      new Trainer(model, run, data, new RunFolder(folder)).listen(keeping).train();
    }
    assertThat(embeddings).hasSize((int) ((3 * perEpoch + 7) / 8));
    for (int step = 2; step <= embeddings.size(); step++) {
      boolean frozen = (step - 1) * 8L >= 2 * perEpoch;
      float[] before = embeddings.get(step - 2);
      float[] after = embeddings.get(step - 1);
      assertThat(Arrays.equals(before, after)).as("step %d", step).isEqualTo(frozen);
      assertThat(norms.get(step - 1)).isNotEqualTo(norms.get(step - 2));
    }
  }

  private static float[] values(LanguageModel model, String name) {
    return tiny.device.transfer().readFloats(model.parameters().master(name));
  }

  @Test
  void aGroupIsTrainedAsItsSettingsSay() {
    GroupsConfig groups =
        new GroupsConfig(
            null, null, new GroupConfig(0.0, null, null), null, new GroupConfig(0.05, 0.1, 0.5));
    RunConfig run =
        run(
            PublishedSystem.GATED_MLP,
            Tiny.train().groups(groups).maxSteps(3).build(),
            BatchConfig.Form.PACKED);
    try (LanguageModel model = tiny.create(run)) {
      String keys = "layers.0.memory_gate.keys";
      float[] before = values(model, keys);
      float[] bank = values(model, "memory_bank");
      tiny.trainer(model, run, folder).train();
      assertThat(values(model, keys)).isEqualTo(before);
      // AdamW's first steps move by about the learning rate.
      float[] after = values(model, "memory_bank");
      double largest = 0;
      for (int i = 0; i < bank.length; i++) {
        largest = Math.max(largest, Math.abs(after[i] - bank[i]));
      }
      assertThat(largest).isBetween(0.05, 0.2);
    }
  }
}
