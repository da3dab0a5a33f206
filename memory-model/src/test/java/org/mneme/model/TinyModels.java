// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.mneme.compute.UserException;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.config.QueryNorm;

/** Small models of every kind, and random batches for them. */
final class TinyModels {
  static final int VOCABULARY = 61;
  static final int BATCH = 3;
  static final int SEQUENCE = 10;

  private TinyModels() {}

  private static ModelConfigBuilder small(ModelConfigBuilder builder) {
    return builder
        .vocabSize(VOCABULARY)
        .dim(24)
        .nLayers(3)
        .nHeads(4)
        .nKvHeads(2)
        .hiddenDim(40)
        .maxSeqLen(16)
        .knowledgeNum(49)
        .knowledgeLength(3)
        .knowledgeDim(10)
        .numSelected(3);
  }

  static ModelConfig of(PublishedSystem system) {
    ModelConfigBuilder builder = small(system.config());
    return switch (system) {
      case BESIDE -> builder.memoryHeads(2).memoryLayers(List.of(1)).build();
      case CONTEXT -> builder.contextLengths(List.of(1, 3)).memoryLayers(List.of(0, 2)).build();
      default -> builder.build();
    };
  }

  /** Every published system, beside, and the free combinations of store, fusion and options. */
  static List<ModelConfig> all() {
    List<ModelConfig> configs = new ArrayList<>();
    for (PublishedSystem system : PublishedSystem.values()) {
      configs.add(of(system));
    }
    for (MemoryStore store :
        List.of(MemoryStore.LEARNED, MemoryStore.EMA_VECTOR, MemoryStore.EMA_TOKEN)) {
      for (MemoryFusion fusion : MemoryFusion.values()) {
        if (store != MemoryStore.EMA_VECTOR || fusion != MemoryFusion.BESIDE) {
          configs.add(combined(store, fusion));
        }
      }
    }
    return configs;
  }

  private static ModelConfig combined(MemoryStore store, MemoryFusion fusion) {
    return small(ModelConfig.builder())
        .memoryStore(store)
        .memoryFusion(fusion)
        .memoryLayers(List.of(0, 2))
        .memoryHeads(2)
        .queryNorm(fusion == MemoryFusion.CROSS_ATTENTION ? QueryNorm.RMS : QueryNorm.BATCH)
        .readNorm(store != MemoryStore.EMA_VECTOR)
        .build();
  }

  /**
   * Every store with every fusion, in all layers and in some, with one query head and with several,
   * as far as a configuration allows it.
   */
  static List<ModelConfig> combinations() {
    List<ModelConfig> configs = new ArrayList<>();
    for (MemoryStore store : MemoryStore.values()) {
      for (MemoryFusion fusion : MemoryFusion.values()) {
        for (List<Integer> layers : List.of(List.<Integer>of(), List.of(1), List.of(0, 2))) {
          for (int heads = 1; heads <= 2; heads++) {
            configs.addAll(allowed(store, fusion, layers, heads));
          }
        }
      }
    }
    return configs;
  }

  private static List<ModelConfig> allowed(
      MemoryStore store, MemoryFusion fusion, List<Integer> layers, int heads) {
    boolean contexts = store == MemoryStore.CONTEXT_TOKEN;
    try {
      ModelConfigBuilder builder =
          small(contexts ? PublishedSystem.CONTEXT.config() : ModelConfig.builder())
              .memoryStore(store)
              .memoryFusion(fusion)
              .memoryLayers(layers)
              .memoryHeads(heads)
              .queryNorm(
                  contexts ? QueryNorm.NONE : QueryNorm.values()[(heads + layers.size()) % 3])
              .readNorm(!contexts && layers.size() == 2);
      return List.of((contexts ? builder.contextLengths(List.of(1, 3)) : builder).build());
    } catch (UserException e) {
      return List.of();
    }
  }

  static String name(ModelConfig config) {
    return config.memoryStore()
        + "/"
        + config.memoryFusion()
        + " layers "
        + config.memoryLayers()
        + " heads "
        + config.memoryHeads()
        + " "
        + config.queryNorm()
        + (config.readNorm() ? " read_norm" : "");
  }

  /**
   * Lets a memory that is addressed by text read the batch once: one that is empty has no effect.
   */
  static void read(LanguageModel model, TrainingPass pass) {
    model
        .contexts()
        .filter(memory -> memory.filled() == 0)
        .ifPresent(memory -> memory.remember(pass.inputIds(), null, -1));
  }

  static int[] ids(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return random.ints((long) BATCH * SEQUENCE, 0, VOCABULARY).toArray();
  }

  static int[] targets(long seed) {
    int[] targets = ids(seed);
    targets[SEQUENCE - 1] = TrainingPass.MASKED;
    targets[2 * SEQUENCE] = TrainingPass.MASKED;
    return targets;
  }
}
