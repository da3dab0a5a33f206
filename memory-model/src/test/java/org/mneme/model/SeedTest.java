// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.ParameterSpec;

/**
 * Models of different seeds are independent. With tensors keyed by seed + index, the tensors of
 * seed 1 were those of seed 2, shifted by one.
 */
class SeedTest extends OnDevice {
  private static final int SEEDS = 8;

  /** Elements of a piece: so many equal neighbours are no chance, floats or tokens. */
  private static final int PIECE = 12;

  @TestFactory
  Stream<DynamicTest> noTwoTensorsShareValues() {
    return TinyModels.all().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> compare(config)));
  }

  private static void compare(ModelConfig config) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (LanguageModel model = LanguageModel.create(device, config, seed)) {
        collect("seed " + seed + ", ", model, tensors);
      }
    }
    assertThat(tensors.size()).isGreaterThan(SEEDS * 10);
    expectDistinctPieces(tensors);
    expectUncorrelated(tensors);
  }

  private static void collect(String prefix, LanguageModel model, Map<String, float[]> tensors) {
    for (ParameterSpec spec : model.parameters().table().specs()) {
      float[] values = device.transfer().readFloats(model.parameters().master(spec.name()));
      if (!isConstant(values)) {
        tensors.put(prefix + spec.name(), values);
      }
    }
    if (model.config().memoryStore() != MemoryStore.LEARNED) {
      model.memory().ifPresent(memory -> tensors.put(prefix + "memory", read(memory.bank())));
    }
  }

  private static float[] read(Tensor bank) {
    if (bank.dtype() == DType.F32) {
      return device.transfer().readFloats(bank);
    }
    int[] tokens = device.transfer().readInts(bank);
    float[] values = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      values[i] = tokens[i];
    }
    return values;
  }

  private static boolean isConstant(float[] values) {
    for (float value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }

  private static void expectDistinctPieces(Map<String, float[]> tensors) {
    Map<Integer, String> owners = new HashMap<>();
    Map<Integer, float[]> pieces = new HashMap<>();
    tensors.forEach(
        (name, values) -> {
          for (int from = 0; from + PIECE <= values.length; from += PIECE) {
            float[] piece = Arrays.copyOfRange(values, from, from + PIECE);
            int hash = Arrays.hashCode(piece);
            float[] other = pieces.put(hash, piece);
            String owner = owners.put(hash, name + " at " + from);
            assertThat(Arrays.equals(piece, other))
                .as("%s at %s is %s", name, from, owner)
                .isFalse();
          }
        });
  }

  private static void expectUncorrelated(Map<String, float[]> tensors) {
    String[] names = tensors.keySet().toArray(String[]::new);
    for (int i = 0; i < names.length; i++) {
      for (int j = 0; j < i; j++) {
        float[] a = tensors.get(names[i]);
        float[] b = tensors.get(names[j]);
        int length = Math.min(a.length, b.length);
        // Of tens of thousands of pairs, none is 6 standard deviations from 0.
        assertThat(Math.abs(correlation(a, b, length)))
            .as("%s and %s", names[i], names[j])
            .isLessThan(6 / Math.sqrt(length));
      }
    }
  }

  private static double correlation(float[] a, float[] b, int length) {
    double meanA = 0;
    double meanB = 0;
    for (int i = 0; i < length; i++) {
      meanA += a[i] / length;
      meanB += b[i] / length;
    }
    double both = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int i = 0; i < length; i++) {
      both += (a[i] - meanA) * (b[i] - meanB);
      squaresA += (a[i] - meanA) * (a[i] - meanA);
      squaresB += (b[i] - meanB) * (b[i] - meanB);
    }
    return both / Math.sqrt(squaresA * squaresB);
  }
}
