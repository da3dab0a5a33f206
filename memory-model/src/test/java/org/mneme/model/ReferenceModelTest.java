// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.memory.context.ContextMemory;
import org.mneme.model.autograd.Tape;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.config.QueryNorm;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.model.parameters.ParameterSpec;

/**
 * Holds models of every kind to {@link ReferenceModel}: logits, losses, selections, and gradients
 * along random directions, which show an error in any element.
 *
 * <p>Tolerances are 5 to 6 times the largest errors measured in F32 on a CPU: logits 1.3e-6, losses
 * 7.1e-7, gradients 3.9e-6 of the norm of the tensor's gradient. It prints those of this run.
 */
class ReferenceModelTest extends OnDevice {
  private static final int BATCH = 2;
  private static final int SEQUENCE = 7;
  private static final int VOCABULARY = 37;

  private static final double LOGITS = 7e-6;
  private static final double LOSSES = 4e-6;
  private static final double GRADIENTS = 2e-5;

  private static final double[] STEPS = {1e-5, 1e-6, 1e-7};

  private static final Map<String, Double> WORST = new TreeMap<>();

  @AfterAll
  static void close() {
    StringBuilder line = new StringBuilder("double-precision reference, largest errors:");
    WORST.forEach(
        (kind, error) -> line.append(String.format(Locale.ROOT, "  %s %.2e", kind, error)));
    System.out.println(line);
  }

  private static ModelConfigBuilder small(ModelConfigBuilder builder) {
    return builder
        .vocabSize(VOCABULARY)
        .dim(12)
        .nLayers(2)
        .nHeads(2)
        .nKvHeads(1)
        .hiddenDim(20)
        .maxSeqLen(9)
        .knowledgeNum(25)
        .knowledgeLength(3)
        .knowledgeDim(6)
        .numSelected(3);
  }

  private static List<ModelConfig> configs() {
    List<ModelConfig> configs = new ArrayList<>();
    configs.add(small(PublishedSystem.ORIGINAL.config()).build());
    for (MemoryStore store :
        List.of(MemoryStore.LEARNED, MemoryStore.EMA_VECTOR, MemoryStore.EMA_TOKEN)) {
      for (MemoryFusion fusion : MemoryFusion.values()) {
        for (QueryNorm norm : QueryNorm.values()) {
          boolean possible = store != MemoryStore.EMA_VECTOR || fusion != MemoryFusion.BESIDE;
          for (int variant = 0; variant < 2 && possible; variant++) {
            configs.add(combined(store, fusion, norm, variant));
          }
        }
      }
    }
    for (int votes = 1; votes <= 3; votes++) {
      configs.add(
          small(PublishedSystem.CONTEXT.config())
              .knowledgeNum(votes == 3 ? 25 : 1_024)
              .knowledgeLength(votes)
              .contextLengths(votes == 2 ? List.of(2) : List.of(1, 2, 3))
              .contextVotes(votes)
              .memoryLayers(votes == 1 ? List.of(1) : List.of(0, 1))
              .build());
    }
    return configs;
  }

  private static ModelConfig combined(
      MemoryStore store, MemoryFusion fusion, QueryNorm norm, int variant) {
    boolean first = variant == 0;
    return small(ModelConfig.builder())
        .memoryStore(store)
        .memoryFusion(fusion)
        .queryNorm(norm)
        .memoryLayers(first ? List.of(0, 1) : List.of(1))
        .memoryHeads(first ? 1 : 3)
        .readNorm((norm == QueryNorm.RMS) == first)
        .balanceLossCoef(first ? 0.3 : 0)
        .build();
  }

  @TestFactory
  Stream<DynamicTest> everyKindOfModelFollowsTheMathematics() {
    return configs().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> check(config)));
  }

  private static void check(ModelConfig config) {
    try (Case given = new Case(config)) {
      given.checkLogits();
      given.checkLosses();
      given.checkGradients();
    }
  }

  /** A model, the same in doubles, and a batch. */
  private static final class Case implements AutoCloseable {
    private final ModelConfig config;
    private final LanguageModel model;
    private final ReferenceModel reference;
    private final TrainingPass pass;
    private final int[] ids = ids(11, 9);
    private final int[] targets = ids(12, VOCABULARY);

    Case(ModelConfig config) {
      this.config = config;
      this.model = LanguageModel.create(device, config, 5);
      spread();
      targets[3] = TrainingPass.MASKED;
      targets[BATCH * SEQUENCE - 1] = TrainingPass.MASKED;
      this.pass = new TrainingPass(model, BATCH, SEQUENCE, 1f);
      this.reference = reference();
      pass.load(ids, targets);
    }

    /** Few different tokens, so that contexts occur again. */
    private static int[] ids(long seed, int bound) {
      return new SplittableRandom(seed).ints((long) BATCH * SEQUENCE, 0, bound).toArray();
    }

    /** Larger values than a fresh model has, so that every path matters. */
    private void spread() {
      SplittableRandom random = new SplittableRandom(7);
      for (ParameterSpec spec : model.parameters().table().specs()) {
        Tensor tensor = model.parameters().master(spec.name());
        float[] values = device.transfer().readFloats(tensor);
        double scale = spec.shape().rank() == 1 ? 0.3 : 1 / Math.sqrt(spec.shape().columns());
        for (int i = 0; i < values.length; i++) {
          values[i] += (float) (scale * (2 * random.nextDouble() - 1));
        }
        device.transfer().writeFloats(values, tensor);
      }
    }

    private ReferenceModel reference() {
      Map<String, double[]> weights = new LinkedHashMap<>();
      for (ParameterSpec spec : model.parameters().table().specs()) {
        weights.put(spec.name(), doubles(model.parameters().master(spec.name())));
      }
      int[] tokens = null;
      if (config.memoryStore() == MemoryStore.EMA_TOKEN) {
        tokens = device.transfer().readInts(model.memory().orElseThrow().bank());
      } else if (config.memoryStore() == MemoryStore.EMA_VECTOR) {
        weights.put("memory_bank", doubles(model.memory().orElseThrow().bank()));
      }
      ReferenceContexts contexts = config.remembersContexts() ? read() : null;
      return new ReferenceModel(config, weights, tokens, contexts);
    }

    /** Lets both memories read two other texts and this one. */
    private ReferenceContexts read() {
      ReferenceContexts contexts =
          new ReferenceContexts(
              config.contextLengths(),
              config.knowledgeNum(),
              config.knowledgeLength(),
              config.contextVotes(),
              0);
      ContextMemory memory = model.contexts().orElseThrow();
      for (int[] text : List.of(ids(21, 9), ids(22, 9), ids)) {
        pass.load(text, targets);
        memory.remember(pass.inputIds(), null, -1);
        List<List<Integer>> sequences = new ArrayList<>();
        for (int b = 0; b < BATCH; b++) {
          sequences.add(Arrays.stream(text, b * SEQUENCE, (b + 1) * SEQUENCE).boxed().toList());
        }
        List<Integer> unknown = IntStream.range(0, SEQUENCE).map(i -> 0).boxed().toList();
        contexts.read(sequences, List.of(unknown, unknown), -1);
      }
      assertThat(Math.round(memory.filled() * config.knowledgeNum())).isEqualTo(contexts.filled());
      return contexts;
    }

    private static double[] doubles(Tensor tensor) {
      float[] values = device.transfer().readFloats(tensor);
      return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    void checkLogits() {
      Map<Integer, int[]> selected = new TreeMap<>();
      SelectionObserver observer =
          (layer, indices, weights, query, keyQuery) ->
              selected.put(layer, device.transfer().readInts(indices));
      float[] found;
      try (Tape tape = Tape.notRecording(device);
          Tensor tokens = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, BATCH, SEQUENCE)) {
        device.transfer().writeInts(ids, tokens);
        LayerContext context =
            new LayerContext(
                tape, BATCH, SEQUENCE, true, Optional.empty(), 0f, observer, Optional.empty());
        found = Tensors.floats(model.logits(tape, model.hidden(context, tokens)).value());
      }
      double[][] expected = reference.logits(ids, SEQUENCE);
      for (int i = 0; i < found.length; i++) {
        near(
            "logits",
            "of position " + i / VOCABULARY,
            found[i],
            expected[i / VOCABULARY][i % VOCABULARY],
            1,
            LOGITS);
      }
      if (!config.remembersContexts()) {
        assertThat(selected.values().toArray(int[][]::new))
            .isDeepEqualTo(reference.selected().toArray(int[][]::new));
      }
    }

    void checkLosses() {
      pass.run(false);
      ReferenceModel.Loss expected = reference.loss(ids, targets, SEQUENCE);
      double ce = device.transfer().readFloats(pass.crossEntropy())[0];
      double balance = device.transfer().readFloats(pass.balanceLoss())[0];
      near("losses", "cross-entropy", ce, expected.crossEntropy(), 1, LOSSES);
      near(
          "losses",
          "balance loss",
          balance,
          config.balanceLossCoef() > 0 ? expected.balance() : 0,
          1,
          LOSSES);
    }

    /** Along signs drawn for each element: an error of one element is an error of the whole. */
    void checkGradients() {
      SplittableRandom random = new SplittableRandom(13);
      Map<String, double[]> directions = new HashMap<>();
      double sum = 0;
      double squares = 0;
      for (ParameterSpec spec : model.parameters().table().specs()) {
        String name = spec.name();
        double[] gradient = doubles(model.parameters().parameter(name).gradientOrNull());
        double[] direction =
            random.ints(gradient.length, 0, 2).mapToDouble(bit -> 2 * bit - 1).toArray();
        double along = 0;
        double norm = 0;
        for (int i = 0; i < gradient.length; i++) {
          along += gradient[i] * direction[i];
          norm += gradient[i] * gradient[i];
        }
        near(
            "gradients",
            name,
            along,
            derivative(Map.of(name, direction)),
            Math.sqrt(norm),
            GRADIENTS);
        directions.put(name, direction);
        sum += along;
        squares += norm;
      }
      near("gradients", "all", sum, derivative(directions), Math.sqrt(squares), GRADIENTS);
    }

    /**
     * Central differences of fourth order, whose error is about 1e-9 at these sizes; with a smaller
     * step where the first one selects other entries, and the loss jumps.
     */
    private double derivative(Map<String, double[]> directions) {
      reference.logits(ids, SEQUENCE);
      List<int[]> selected = reference.selected();
      for (double h : STEPS) {
        double near = lossAt(directions, h, selected) - lossAt(directions, -h, selected);
        double far = lossAt(directions, 2 * h, selected) - lossAt(directions, -2 * h, selected);
        if (Double.isFinite(near) && Double.isFinite(far)) {
          return (8 * near - far) / (12 * h);
        }
      }
      throw new AssertionError("the loss jumps: take another seed");
    }

    /** NaN if other entries are selected. */
    private double lossAt(Map<String, double[]> directions, double factor, List<int[]> selected) {
      Map<String, double[]> moved = new HashMap<>();
      directions.forEach(
          (name, direction) -> {
            double[] values = reference.weight(name).clone();
            for (int i = 0; i < values.length; i++) {
              values[i] += factor * direction[i];
            }
            moved.put(name, values);
          });
      ReferenceModel there = reference.with(moved);
      ReferenceModel.Loss loss = there.loss(ids, targets, SEQUENCE);
      if (!Arrays.deepEquals(there.selected().toArray(), selected.toArray())) {
        return Double.NaN;
      }
      return config.balanceLossCoef() > 0 ? loss.total() : loss.crossEntropy();
    }

    @Override
    public void close() {
      pass.close();
      model.close();
    }
  }

  private static void near(
      String kind, String what, double found, double expected, double scale, double tolerance) {
    double error = Math.abs(found - expected) / Math.max(scale, 1e-9);
    WORST.merge(kind, error, Math::max);
    assertThat(error)
        .as("%s, %s: expected %s, got %s", kind, what, expected, found)
        .isLessThan(tolerance);
  }
}
