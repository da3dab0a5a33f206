// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.config.QueryNorm;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.train.config.AlarmAction;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.config.GroupConfig;
import org.mneme.train.config.GroupsConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.SpikeAction;
import org.mneme.train.config.SpikeConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.metrics.AlarmKind;
import org.mneme.train.metrics.AlarmReport;
import org.mneme.train.metrics.SpikeReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.ValidationReport;

/** Spikes and alarms in whole trainings. */
class GuardedTrainingTest extends TinyTest {
  private static final int WINDOW = 4;
  private static final long NEVER = -2;

  private static SpikeConfig spikes(SpikeAction action) {
    return SpikeConfig.builder().action(action).window(WINDOW).zScore(6).build();
  }

  /** Keeps what is told, and the weights after each step; spoils them after one step. */
  private static final class Witness implements TrainingListener {
    private final LanguageModel model;
    private final long spoiledStep;
    private final List<SpikeReport> spikes = new ArrayList<>();
    private final List<AlarmReport> alarms = new ArrayList<>();
    private final List<ValidationReport> validations = new ArrayList<>();
    private final List<float[]> weights = new ArrayList<>();
    private float[] good;

    Witness(LanguageModel model, long spoiledStep) {
      this.model = model;
      this.spoiledStep = spoiledStep;
    }

    @Override
    public void stepped(long step) {
      if (step == spoiledStep) {
        good = values();
        // Large weights of the other sign: a loss far above that of chance.
        float[] turned = good.clone();

        for (int i = 0; i < turned.length; i++) {
          turned[i] = -20 * good[i];
        }
        write(turned);
      } else if (step == spoiledStep + 1) {
        weights.add(values());
        write(good);
      }
    }

    private float[] values() {
      return tiny.device.transfer().readFloats(model.parameters().values());
    }

    private void write(float[] values) {
      tiny.device.transfer().writeFloats(values, model.parameters().values());
    }

    @Override
    public void spiked(SpikeReport report) {
      spikes.add(report);
    }

    @Override
    public void alarmed(AlarmReport report) {
      alarms.add(report);
    }

    @Override
    public void validated(ValidationReport report) {
      validations.add(report);
    }
  }

  private Witness train(ModelConfig model, TrainConfig train, long spoiledStep, String name) {
    RunConfig run = tiny.run(model, train);
    try (LanguageModel trained = tiny.create(run)) {
      Witness witness = new Witness(trained, spoiledStep);
      tiny.trainer(trained, run, folder.resolve(name)).listen(witness).train();
      return witness;
    }
  }

  private static ModelConfig model(PublishedSystem system) {
    return tiny.model(system).build();
  }

  @Test
  void aSpikeIsToldAndMovesNothingIfItShallBeSkipped() {
    TrainConfig train =
        Tiny.train().maxSteps(12).spikeGuard(spikes(SpikeAction.SKIP)).logInterval(3).build();
    Witness witness = train(model(PublishedSystem.ORIGINAL), train, 7, "skip");
    assertThat(witness.spikes).hasSize(1);
    SpikeReport spike = witness.spikes.get(0);
    assertThat(spike.step()).isEqualTo(8);
    assertThat(spike.skipped()).isTrue();
    assertThat(spike.zScore()).isGreaterThan(6);
    float[] after = witness.weights.get(0);
    for (int i = 0; i < after.length; i++) {
      assertThat(after[i]).isEqualTo(-20 * witness.good[i]);
    }
    JsonNode line = lines("skip", "spike").get(0);
    assertThat(line.get("step").asLong()).isEqualTo(8);
    assertThat(line.get("quantity").asText()).isEqualTo(spike.quantity());
    assertThat(line.get("skipped").asBoolean()).isTrue();
  }

  /** The text of a step that moves nothing is not read, and its statistics are not taken in. */
  @Test
  void aSkippedSpikeLeavesMemoryAndStatisticsAsTheyWere() {
    TrainConfig train = Tiny.train().maxSteps(10).spikeGuard(spikes(SpikeAction.SKIP)).build();
    ModelConfig batchNorm =
        tiny.model(PublishedSystem.CROSS_ATTENTION).queryNorm(QueryNorm.BATCH).build();
    for (ModelConfig config : List.of(model(PublishedSystem.CONTEXT), batchNorm)) {
      RunConfig run = tiny.run(config, train);
      try (LanguageModel model = tiny.create(run)) {
        Witness witness = new Witness(model, 7);
        Map<Long, List<String>> kept = new HashMap<>();
        TrainingListener keeping =
            new TrainingListener() {
              @Override
              public void stepped(long step) {
                kept.put(step, changing(model));
              }
            };
        tiny.trainer(model, run, folder.resolve(config.memoryStore().name()))
            .listen(witness)
            .listen(keeping)
            .train();
        assertThat(witness.spikes).hasSize(1);
        assertThat(kept.get(8L)).as("%s", config.memoryStore()).isEqualTo(kept.get(7L));
        assertThat(kept.get(7L)).isNotEqualTo(kept.get(6L));
        assertThat(kept.get(9L)).isNotEqualTo(kept.get(8L));
      }
    }
  }

  /** What a forward changes: entries that read text, and running statistics. */
  private static List<String> changing(LanguageModel model) {
    List<Tensor> tensors = new ArrayList<>(model.buffers().tensors().values());
    model
        .contexts()
        .ifPresent(
            contexts -> {
              tensors.add(contexts.owners());
              tensors.add(contexts.votes());
              tensors.add(contexts.origins().orElseThrow());
              tensors.add(model.memory().orElseThrow().bank());
            });
    return tensors.stream().map(GuardedTrainingTest::text).toList();
  }

  private static String text(Tensor tensor) {
    return tensor.dtype() == DType.I32
        ? Arrays.toString(tiny.device.transfer().readInts(tensor))
        : Arrays.toString(tiny.device.transfer().readFloats(tensor));
  }

  private List<ObjectNode> lines(String name, String event) {
    return RunFiles.events(folder.resolve(name), event);
  }

  @Test
  void aSpikeThatIsOnlyToldMovesTheWeights() {
    TrainConfig train = Tiny.train().maxSteps(12).spikeGuard(spikes(SpikeAction.WARN)).build();
    Witness witness = train(model(PublishedSystem.ORIGINAL), train, 7, "warn");
    assertThat(witness.spikes).isNotEmpty();
    assertThat(witness.spikes.get(0).skipped()).isFalse();
    assertThat(witness.weights.get(0)[0]).isNotEqualTo(-20 * witness.good[0]);
  }

  @Test
  void aSpikeStopsTheTrainingIfItShall() {
    TrainConfig train = Tiny.train().maxSteps(12).spikeGuard(spikes(SpikeAction.STOP)).build();
    assertThatThrownBy(() -> train(model(PublishedSystem.ORIGINAL), train, 7, "stop"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("step 8")
        .hasMessageContaining("standard deviations above the mean of the last 4 steps")
        .hasMessageContaining("spike_guard.action is stop");
  }

  @Test
  void judgingStepsChangesNoBitOfATrainingWithoutSpikes() {
    TrainConfig plain = Tiny.train().maxSteps(10).build();
    TrainConfig judged = plain.toBuilder().spikeGuard(spikes(SpikeAction.WARN)).build();
    float[][] weights = new float[2][];
    for (TrainConfig train : List.of(plain, judged)) {
      RunConfig run = tiny.run(model(PublishedSystem.EMA_TOKEN), train);
      try (LanguageModel model = tiny.create(run)) {
        tiny.trainer(model, run, folder.resolve(train.spikeGuard().action().name())).train();
        weights[train == plain ? 0 : 1] =
            tiny.device.transfer().readFloats(model.parameters().values());
      }
    }
    assertThat(weights[1]).isEqualTo(weights[0]);
  }

  @Test
  void aLossThatIsNotFiniteIsFoundAtItsStepWhereStepsAreJudged() {
    TrainConfig train =
        Tiny.train().maxSteps(12).logInterval(10).spikeGuard(spikes(SpikeAction.WARN)).build();
    RunConfig run = tiny.run(model(PublishedSystem.ORIGINAL), train);
    try (LanguageModel model = tiny.create(run)) {
      TrainingListener spoiling =
          new TrainingListener() {
            @Override
            public void stepped(long step) {
              if (step == 3) {
                tiny.device
                    .transfer()
                    .fill(model.parameters().master("layers.1.attention.wo.weight"), Double.NaN);
              }
            }
          };
      Trainer trainer = tiny.trainer(model, run, folder).listen(spoiling);
      assertThatThrownBy(trainer::train)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("step 4")
          .hasMessageContaining("weights of 'layers.1.attention.wo.weight'");
    }
  }

  /** With one selected entry its weight is 1 whatever the scores are. */
  private static ModelConfig deadGate() {
    return tiny.model(PublishedSystem.GATED_MLP).numSelected(1).balanceLossCoef(0).build();
  }

  @Test
  void aTensorWithoutAGradientIsAnAlarm() {
    AlarmConfig alarms = AlarmConfig.builder().gradientInterval(2).build();
    TrainConfig train = Tiny.train().maxSteps(9).alarms(alarms).build();
    Witness witness = train(deadGate(), train, NEVER, "dead");
    assertThat(witness.alarms)
        .allMatch(alarm -> alarm.alarm() == AlarmKind.NO_GRADIENT && alarm.step() == 4)
        .extracting(AlarmReport::subject)
        .containsExactlyInAnyOrder(
            "layers.0.memory_gate.gate_proj.weight",
            "layers.0.memory_gate.keys",
            "layers.1.memory_gate.gate_proj.weight",
            "layers.1.memory_gate.keys");
    assertThat(lines("dead", "alarm")).hasSize(4);
    assertThat(lines("dead", "alarm").get(0).get("alarm").asText()).isEqualTo("no_gradient");

    assertThat(train(model(PublishedSystem.GATED_MLP), train, NEVER, "alive").alarms).isEmpty();
  }

  @Test
  void anAlarmStopsTheTrainingIfItShall() {
    AlarmConfig alarms = AlarmConfig.builder().gradientInterval(2).action(AlarmAction.STOP).build();
    TrainConfig train = Tiny.train().maxSteps(9).alarms(alarms).build();
    assertThatThrownBy(() -> train(deadGate(), train, NEVER, "dead"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("step 4")
        .hasMessageContaining("memory_gate")
        .hasMessageContaining("alarms.action is stop");
    AlarmConfig off = alarms.toBuilder().action(AlarmAction.OFF).build();
    assertThat(train(deadGate(), train.toBuilder().alarms(off).build(), NEVER, "off").alarms)
        .isEmpty();
  }

  @Test
  void entriesOfOneTokenAreAnAlarm() {
    ModelConfig config =
        tiny.model(PublishedSystem.EMA_TOKEN)
            .emaRule(EmaRule.PUBLISHED)
            .emaDecay(1)
            .emaUpdateFreq(1)
            .build();
    RunConfig run = tiny.run(config, Tiny.train().maxSteps(4).evalInterval(2).build());
    try (LanguageModel model = tiny.create(run)) {
      Witness witness = new Witness(model, NEVER);
      TrainingListener collapsing =
          new TrainingListener() {
            @Override
            public void stepped(long step) {
              TokenCodebook memory = (TokenCodebook) model.memory().orElseThrow();
              tiny.device.transfer().fill(memory.bank(), 7);
            }
          };
      tiny.trainer(model, run, folder).listen(witness).listen(collapsing).train();
      assertThat(witness.alarms).hasSize(1);
      AlarmReport alarm = witness.alarms.get(0);
      assertThat(alarm.alarm()).isEqualTo(AlarmKind.SAME_TOKENS);
      assertThat(alarm.value()).isEqualTo(1);
      assertThat(alarm.step()).isEqualTo(2);
    }
  }

  @Test
  void aMemoryThatIsNoLongerUsedIsAnAlarm() {
    // Gates that do not move stay as the listener leaves them.
    GroupsConfig groups =
        new GroupsConfig(null, null, new GroupConfig(0.0, null, null), null, null);
    TrainConfig train = Tiny.train().maxSteps(14).evalInterval(2).groups(groups).build();
    RunConfig run = tiny.run(model(PublishedSystem.GATED_MLP), train);
    try (LanguageModel model = tiny.create(run)) {
      Witness witness = new Witness(model, NEVER);
      TrainingListener collapsing =
          new TrainingListener() {
            @Override
            public void stepped(long step) {
              if (step == 3) {
                freezeSelection(model);
              }
            }
          };
      tiny.trainer(model, run, folder).listen(witness).listen(collapsing).train();
      assertThat(witness.alarms)
          .filteredOn(alarm -> alarm.alarm() == AlarmKind.USAGE_COLLAPSED)
          .hasSize(1)
          // Low since step 4, for as long as most of the training so far.
          .allMatch(alarm -> alarm.step() == 12 && alarm.value() < alarm.limit());
    }
  }

  /** Equal keys: ties go to the first entries, whatever the query is. */
  private static void freezeSelection(LanguageModel model) {
    for (ParameterSpec spec : model.parameters().table().specs()) {
      if (spec.name().endsWith("memory_gate.keys")) {
        tiny.device.transfer().fill(model.parameters().master(spec.name()), 0);
      }
    }
  }

  @Test
  void theFirstValidationMayComeBeforeTheFirstStep() {
    TrainConfig train = Tiny.train().maxSteps(2).evalAtStart(true).build();
    List<ValidationReport> validations =
        train(model(PublishedSystem.EMA_TOKEN), train, NEVER, "early").validations;
    assertThat(validations).extracting(ValidationReport::step).containsExactly(0L, 2L);
    assertThat(validations.get(0).loss()).isGreaterThan(validations.get(1).loss());
  }
}
