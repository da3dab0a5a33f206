// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.autograd.Tape;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterSpec;

/** Gradients of whole models: every tensor gets one, and it is the derivative of the loss. */
class GradientTest extends OnDevice {
  /**
   * A directional derivative by central differences in F32: the loss (about 4) is rounded to 5e-7,
   * which a step of h turns into 2.5e-7 / h; curvature adds about h. 2 % and 2e-3 leave room for
   * both and none for a wrong gradient.
   */
  private static final double RELATIVE = 0.02;

  private static final double ABSOLUTE = 2e-3;

  /** Where a step crosses to other selected entries the loss jumps; then a smaller one is tried. */
  private static final double[] STEPS = {2e-3, 6e-4, 2e-4};

  /**
   * Along random signs, losses summed up in double precision. Measured over all combinations, in
   * F32 on a CPU: the difference of two losses is wrong by at most 6e-8, which a step of h turns
   * into 6e-8 / h; curvature adds at most 0.35 % of the expected size of the derivative, with the
   * largest step. Both are taken 4 to 5 times.
   */
  private static final double RANDOM_RELATIVE = 0.015;

  private static final double RANDOM_ABSOLUTE = 3e-7;

  private static final double[] RANDOM_STEPS = {2e-2, 6e-3, 2e-3, 6e-4, 2e-4};

  private static final long[] SEEDS = {3, 4, 5, 6, 7, 8, 9, 10, 11};

  @TestFactory
  Stream<DynamicTest> everyTrainableTensorReceivesAGradient() {
    return TinyModels.all().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> allMoved(config)));
  }

  private static void allMoved(ModelConfig config) {
    try (LanguageModel model = LanguageModel.create(device, config, 3);
        TrainingPass pass = pass(model)) {
      pass.run(false);
      for (ParameterSpec spec : model.parameters().table().specs()) {
        Tensor gradient = model.parameters().parameter(spec.name()).gradientOrNull();
        double norm = norm(device.transfer().readFloats(gradient));
        assertThat(norm).as("gradient norm of " + spec.name()).isGreaterThan(1e-9);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> learnedValuesWithAGradientAreCountedAsRead() {
    return TinyModels.all().stream()
        .filter(config -> config.memoryStore() == MemoryStore.LEARNED)
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> allCounted(config)));
  }

  /** An optimiser may leave out what is not counted, so that every reader has to count. */
  private static void allCounted(ModelConfig config) {
    try (LanguageModel model = LanguageModel.create(device, config, 3);
        TrainingPass pass = pass(model)) {
      pass.run(false);
      Parameter bank = model.parameters().parameter(MemoryEntries.NAME);
      float[] gradient = device.transfer().readFloats(bank.gradientOrNull());
      int[] counts = device.transfer().readInts(bank.readCounts().orElseThrow());
      int width = gradient.length / counts.length;
      for (int i = 0; i < gradient.length; i++) {
        boolean moved = gradient[i] != 0;
        assertThat(moved && counts[i / width] == 0).as("row %d", i / width).isFalse();
      }
      long reads = (long) TinyModels.BATCH * TinyModels.SEQUENCE * config.memoryHeads();
      reads *= config.numSelected() * (long) config.layersWithMemory().size();
      assertThat(Arrays.stream(counts).asLongStream().sum()).isEqualTo(reads);
    }
  }

  @TestFactory
  Stream<DynamicTest> gradientsAreDerivativesOfTheLoss() {
    return TinyModels.all().stream()
        .map(
            config ->
                DynamicTest.dynamicTest(TinyModels.name(config), () -> checkDerivative(config)));
  }

  /**
   * The loss jumps where another entry is selected; no tensor sits at such a place in all models.
   */
  private static void checkDerivative(ModelConfig config) {
    List<String> wrong = wrongGradients(config, SEEDS[0]);
    for (int i = 1; i < SEEDS.length && !wrong.isEmpty(); i++) {
      List<String> again = wrongGradients(config, SEEDS[i]);
      wrong.removeIf(finding -> again.stream().noneMatch(other -> sameTensor(finding, other)));
    }
    assertThat(wrong).isEmpty();
  }

  private static boolean sameTensor(String finding, String other) {
    return finding
        .substring(0, finding.indexOf(':'))
        .equals(other.substring(0, other.indexOf(':')));
  }

  private static List<String> wrongGradients(ModelConfig config, long seed) {
    List<String> wrong = new ArrayList<>();
    try (LanguageModel model = LanguageModel.create(device, config, seed);
        TrainingPass pass = pass(model)) {
      spread(model, seed);
      pass.run(false);
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (ParameterSpec spec : model.parameters().table().specs()) {
        Tensor gradient = model.parameters().parameter(spec.name()).gradientOrNull();
        gradients.put(spec.name(), device.transfer().readFloats(gradient));
      }
      gradients.forEach(
          (name, gradient) -> {
            Tensor value = model.parameters().master(name);
            double derivative = nearest(model, value, gradient);
            double norm = norm(gradient);
            if (!(Math.abs(derivative - norm) <= RELATIVE * norm + ABSOLUTE)) {
              wrong.add(name + ": derivative " + derivative + ", gradient " + norm);
            }
          });
    }
    return wrong;
  }

  /** The derivative by the first step that agrees, else by the last. */
  private static double nearest(LanguageModel model, Tensor value, float[] gradient) {
    double norm = norm(gradient);
    double derivative = Double.NaN;
    for (double step : STEPS) {
      derivative = directional(model, value, gradient, step);
      if (Math.abs(derivative - norm) <= RELATIVE * norm + ABSOLUTE) {
        break;
      }
    }
    return derivative;
  }

  /** Larger matrices than a fresh model has, so that every path matters for the loss. */
  private static void spread(LanguageModel model, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (ParameterSpec spec : model.parameters().table().specs()) {
      Tensor tensor = model.parameters().master(spec.name());
      float[] values = device.transfer().readFloats(tensor);
      double scale = spec.shape().rank() == 1 ? 0.2 : 1 / Math.sqrt(spec.shape().columns());
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (scale * (2 * random.nextDouble() - 1));
      }
      device.transfer().writeFloats(values, tensor);
    }
  }

  /** (L(w + εg/|g|) − L(w − εg/|g|)) / 2ε; equals |g| for a right gradient. */
  private static double directional(
      LanguageModel model, Tensor value, float[] gradient, double step) {
    float[] original = device.transfer().readFloats(value);
    double norm = norm(gradient);
    double above = lossAt(model, value, original, gradient, step / norm);
    double below = lossAt(model, value, original, gradient, -step / norm);
    device.transfer().writeFloats(original, value);
    return (above - below) / (2 * step);
  }

  private static double lossAt(
      LanguageModel model, Tensor value, float[] original, float[] direction, double factor) {
    float[] moved = original.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (factor * direction[i]);
    }
    device.transfer().writeFloats(moved, value);
    try (TrainingPass pass = pass(model)) {
      pass.run(false);
      return (double) device.transfer().readFloats(pass.crossEntropy())[0]
          + device.transfer().readFloats(pass.balanceLoss())[0];
    }
  }

  /**
   * Along the gradient itself an error in an element that is small hardly shows, and one that has
   * the direction of the gradient never does. Along random signs every element counts alike.
   */
  @TestFactory
  Stream<DynamicTest> gradientsAreDerivativesAlongRandomDirections() {
    List<ModelConfig> configs = TinyModels.combinations();
    assertThat(configs).as("combinations that a configuration allows").hasSizeGreaterThan(40);
    return configs.stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> checkRandom(config)));
  }

  /** Where the loss jumps close to a model, another model is tried. */
  private static void checkRandom(ModelConfig config) {
    Set<String> left = new HashSet<>();
    for (int i = 0; i < SEEDS.length && (i == 0 || !left.isEmpty()); i++) {
      left = alongRandom(config, SEEDS[i], left);
    }
    assertThat(left).as("tensors next to a jump of the loss with every seed").isEmpty();
  }

  /**
   * Checks tensors along signs, and all of them at once.
   *
   * @param only names to be checked; empty for all
   * @return those for which every step selects other entries
   */
  private static Set<String> alongRandom(ModelConfig config, long seed, Set<String> only) {
    Set<String> jumping = new HashSet<>();
    try (LanguageModel model = LanguageModel.create(device, config, seed);
        TrainingPass pass = pass(model)) {
      spread(model, seed);
      pass.run(false);
      SplittableRandom random = new SplittableRandom(seed);
      Map<String, List<Direction>> checked = new LinkedHashMap<>();
      List<Direction> all = new ArrayList<>();
      for (ParameterSpec spec : model.parameters().table().specs()) {
        Direction direction = Direction.random(model, spec.name(), random);
        all.add(direction);
        checked.put(spec.name(), List.of(direction));
      }
      checked.put("all", all);
      Forward here = Forward.of(model);
      checked.forEach(
          (name, directions) -> {
            boolean wanted = only.isEmpty() || only.contains(name);
            if (wanted && !isDerivative(model, here, name, directions)) {
              jumping.add(name);
            }
          });
    }
    return jumping;
  }

  /** Returns false if there is no step that selects the same entries; fails if it is another. */
  private static boolean isDerivative(
      LanguageModel model, Forward here, String name, List<Direction> directions) {
    double gradient = directions.stream().mapToDouble(Direction::along).sum();
    double squares = directions.stream().mapToDouble(d -> d.expected() * d.expected()).sum();
    for (double step : RANDOM_STEPS) {
      Forward above = at(model, directions, step);
      Forward below = at(model, directions, -step);
      if (above.selects(here) && below.selects(here)) {
        double derivative = (above.loss - below.loss) / (2 * step);
        double error = Math.abs(derivative - gradient);
        double allowed = RANDOM_RELATIVE * Math.sqrt(squares) + RANDOM_ABSOLUTE / step;
        assertThat(error)
            .as("%s: derivative %s, gradient %s", name, derivative, gradient)
            .isLessThan(allowed);
        return true;
      }
    }
    return false;
  }

  private static Forward at(LanguageModel model, List<Direction> directions, double factor) {
    directions.forEach(direction -> direction.move(factor));
    Forward forward = Forward.of(model);
    directions.forEach(Direction::restore);
    return forward;
  }

  /** The loss of a model, added up in double precision, and the entries that it selects. */
  private record Forward(double loss, List<int[]> selected) {
    static Forward of(LanguageModel model) {
      List<int[]> selected = new ArrayList<>();
      SelectionObserver observer =
          (layer, indices, weights, query, keyQuery) ->
              selected.add(device.transfer().readInts(indices));
      boolean balanced = model.config().hasMemory() && model.config().balanceLossCoef() > 0;
      try (Tape tape = Tape.notRecording(device);
          Tensor ids =
              device.allocate(
                  MemoryTag.ACTIVATIONS, DType.I32, TinyModels.BATCH, TinyModels.SEQUENCE);
          Tensor balance = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 1)) {
        device.transfer().writeInts(TinyModels.ids(1), ids);
        device.transfer().fill(balance, 0);
        LayerContext context =
            new LayerContext(
                tape,
                TinyModels.BATCH,
                TinyModels.SEQUENCE,
                true,
                balanced ? Optional.of(balance) : Optional.empty(),
                1f,
                observer,
                Optional.empty());
        float[] logits = Tensors.floats(model.logits(tape, model.hidden(context, ids)).value());
        double loss = crossEntropy(logits) + device.transfer().readFloats(balance)[0];
        return new Forward(loss, selected);
      }
    }

    private static double crossEntropy(float[] logits) {
      int[] targets = TinyModels.targets(2);
      double sum = 0;
      int count = 0;
      for (int n = 0; n < targets.length; n++) {
        if (targets[n] != TrainingPass.MASKED) {
          int from = n * TinyModels.VOCABULARY;
          double total = 0;
          for (int i = from; i < from + TinyModels.VOCABULARY; i++) {
            total += Math.exp(logits[i]);
          }
          sum += Math.log(total) - logits[from + targets[n]];
          count++;
        }
      }
      return sum / count;
    }

    boolean selects(Forward other) {
      return Arrays.deepEquals(selected.toArray(), other.selected.toArray());
    }
  }

  /** A direction of length 1 whose elements differ in their signs alone. */
  private record Direction(Tensor value, float[] original, float[] signs, float[] gradient) {
    static Direction random(LanguageModel model, String name, SplittableRandom random) {
      Tensor value = model.parameters().master(name);
      float[] original = device.transfer().readFloats(value);
      float[] signs = new float[original.length];
      for (int i = 0; i < signs.length; i++) {
        signs[i] = random.nextBoolean() ? 1 : -1;
      }
      Tensor gradient = model.parameters().parameter(name).gradientOrNull();
      return new Direction(value, original, signs, device.transfer().readFloats(gradient));
    }

    private double length() {
      return Math.sqrt(signs.length);
    }

    /** The derivative along it, by the gradient. */
    double along() {
      double sum = 0;
      for (int i = 0; i < signs.length; i++) {
        sum += gradient[i] * signs[i] / length();
      }
      return sum;
    }

    /** The root mean square of what {@link #along} is over all signs. */
    double expected() {
      return norm(gradient) / length();
    }

    void move(double step) {
      float[] moved = original.clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += (float) (step * signs[i] / length());
      }
      device.transfer().writeFloats(moved, value);
    }

    void restore() {
      device.transfer().writeFloats(original, value);
    }
  }

  private static TrainingPass pass(LanguageModel model) {
    TrainingPass pass = new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f);
    pass.load(TinyModels.ids(1), TinyModels.targets(2));
    TinyModels.read(model, pass);
    return pass;
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
