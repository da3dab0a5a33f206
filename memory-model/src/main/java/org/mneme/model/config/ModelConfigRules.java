// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mneme.compute.UserException;
import org.mneme.memory.MemoryShape;
import org.mneme.memory.ema.EmaConfig;

/** What must hold between the values of a {@link ModelConfig}; reports all faults at once. */
final class ModelConfigRules {
  // Far above any model of today, and low enough that no product of a few of them overflows.
  private static final int MOST_TOKENS = 1 << 24;
  private static final int WIDEST = 1 << 16;
  private static final int WIDEST_HIDDEN = 1 << 20;
  private static final int MOST_LAYERS = 1 << 10;
  private static final int LONGEST = 1 << 20;
  private static final int MOST_ENTRIES = 1 << 30;
  private static final int LONGEST_ENTRY = 1 << 12;
  private static final int MOST_MEMORY_HEADS = 1 << 10;
  private static final double LARGEST_THETA = 1e12;
  private static final double LARGEST_COEFFICIENT = 1e9;

  private final List<String> faults = new ArrayList<>();

  private ModelConfigRules() {}

  static void check(ModelConfig c) {
    ModelConfigRules rules = new ModelConfigRules();
    rules.trunk(c);
    if (c.hasMemory()) {
      rules.memory(c);
    }
    if (c.movesByEma()) {
      rules.ema(c);
    }
    if (c.remembersContexts()) {
      rules.contexts(c);
    }
    if (!rules.faults.isEmpty()) {
      throw new UserException("model configuration: " + String.join("; ", rules.faults));
    }
  }

  private void trunk(ModelConfig c) {
    between("vocab_size", c.vocabSize(), 2, MOST_TOKENS);
    between("dim", c.dim(), 2, WIDEST);
    between("n_layers", c.nLayers(), 1, MOST_LAYERS);
    between("n_heads", c.nHeads(), 1, WIDEST);
    between("n_kv_heads", c.nKvHeads(), 1, WIDEST);
    between("hidden_dim", c.hiddenDim(), 1, WIDEST_HIDDEN);
    between("max_seq_len", c.maxSeqLen(), 1, LONGEST);
    number("norm_eps", c.normEps(), 1);
    number("rope_theta", c.ropeTheta(), LARGEST_THETA);
    if (c.nHeads() >= 1 && c.nKvHeads() >= 1 && c.dim() >= 2) {
      expect(
          c.dim() % c.nHeads() == 0, "dim", c.dim(), "a multiple of n_heads (" + c.nHeads() + ")");
      expect(
          c.dim() % c.nHeads() != 0 || c.dim() / c.nHeads() % 2 == 0,
          "dim",
          c.dim(),
          "an even width of a head (dim / n_heads), for rotary pairs");
      expect(
          c.nHeads() % c.nKvHeads() == 0,
          "n_heads",
          c.nHeads(),
          "a multiple of n_kv_heads (" + c.nKvHeads() + ")");
    }
  }

  private void memory(ModelConfig c) {
    collect(
        () ->
            new MemoryShape(
                c.knowledgeNum(), c.knowledgeLength(), c.knowledgeDim(), c.numSelected()));
    between("knowledge_num", c.knowledgeNum(), 1, MOST_ENTRIES);
    between("knowledge_length", c.knowledgeLength(), 1, LONGEST_ENTRY);
    between("knowledge_dim", c.knowledgeDim(), 2, WIDEST);
    between("memory_heads", c.memoryHeads(), 1, MOST_MEMORY_HEADS);
    expect(
        c.memoryStore() != MemoryStore.LEARNED || c.freezeRatio() == 0,
        "freeze_ratio",
        c.freezeRatio(),
        "0 with memory_store learned, whose entries all follow their gradients");
    boolean coefficient = c.balanceLossCoef() >= 0 && c.balanceLossCoef() <= LARGEST_COEFFICIENT;
    expect(coefficient, "balance_loss_coef", c.balanceLossCoef(), "0 to 1e9");
    int previous = -1;
    for (int layer : c.memoryLayers()) {
      expect(
          layer > previous && layer < c.nLayers(),
          "memory_layers",
          c.memoryLayers(),
          "ascending numbers of layers, 0 to " + (c.nLayers() - 1));
      previous = layer;
    }
  }

  private void contexts(ModelConfig c) {
    collect(c::contexts);
    String store = " with memory_store context_token";
    expect(
        c.memoryFusion() == MemoryFusion.BESIDE,
        "memory_fusion",
        c.memoryFusion().name().toLowerCase(Locale.ROOT),
        "beside" + store);
    expect(c.memoryHeads() == 1, "memory_heads", c.memoryHeads(), "1" + store);
    expect(
        c.queryNorm() == QueryNorm.NONE,
        "query_norm",
        c.queryNorm().name().toLowerCase(Locale.ROOT),
        "none" + store + ", which has no queries");
  }

  private void ema(ModelConfig c) {
    collect(
        () -> {
          EmaConfig ema = c.ema().build();
          if (c.memoryStore() == MemoryStore.EMA_VECTOR) {
            ema.requireVectors();
          }
        });
    expect(
        c.memoryStore() != MemoryStore.EMA_VECTOR || c.memoryFusion() != MemoryFusion.BESIDE,
        "memory_store",
        "ema_vector",
        "learned or ema_token with memory_fusion beside, whose entries are as wide as the model"
            + " while queries are not");
  }

  private void collect(Runnable check) {
    try {
      check.run();
    } catch (UserException e) {
      faults.add(e.getMessage());
    }
  }

  private void between(String key, long found, long least, long most) {
    expect(found >= least, key, found, "at least " + least);
    expect(found <= most, key, found, "at most " + most);
  }

  /** A positive number that f32 can hold. */
  private void number(String key, double found, double most) {
    expect(found > 0, key, found, "a number > 0");
    boolean held = found >= Float.MIN_NORMAL && found <= most;
    expect(!(found > 0) || held, key, found, "1.2e-38 to " + most);
  }

  private void expect(boolean holds, String key, Object found, String expected) {
    if (!holds) {
      faults.add(key + " is " + found + ", expected " + expected);
    }
  }
}
