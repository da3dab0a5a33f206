// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import java.util.List;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaRule;

/** Builds a {@link ModelConfig}; the defaults are those of the published experiments. */
@JsonPOJOBuilder(withPrefix = "")
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public final class ModelConfigBuilder {
  private int vocabSize = 6400;
  private int dim = 512;
  private int nLayers = 8;
  private int nHeads = 32;
  private int nKvHeads = 8;
  private int hiddenDim;
  private int maxSeqLen = 512;
  private double normEps = 1e-5;
  private double ropeTheta = 1e6;
  private MemoryStore memoryStore = MemoryStore.NONE;
  private MemoryFusion memoryFusion = MemoryFusion.GATED_MLP;
  private List<Integer> memoryLayers = List.of();
  private int knowledgeNum = 65_536;
  private int knowledgeLength = 8;
  private int knowledgeDim = 128;
  private int numSelected = 8;
  private int memoryHeads = 1;
  private QueryNorm queryNorm = QueryNorm.NONE;
  private boolean readNorm;
  private double balanceLossCoef = 0.1;
  private EmaRule emaRule = EmaRule.PUBLISHED;
  private double emaDecay = 0.9;
  private int emaUpdateFreq = 5;
  private boolean emaNormalised;
  private boolean emaPositional;
  private List<Integer> contextLengths = List.of(1, 2, 3, 4, 6);
  private int contextVotes = 16;
  private double freezeRatio;
  private double emaLaplaceEpsilon = EmaConfig.DEFAULT_LAPLACE_EPSILON;
  private int emaShadowCapacity;

  ModelConfigBuilder() {}

  ModelConfigBuilder(ModelConfig config) {
    vocabSize = config.vocabSize();
    dim = config.dim();
    nLayers = config.nLayers();
    nHeads = config.nHeads();
    nKvHeads = config.nKvHeads();
    hiddenDim = config.hiddenDim();
    maxSeqLen = config.maxSeqLen();
    normEps = config.normEps();
    ropeTheta = config.ropeTheta();
    memoryStore = config.memoryStore();
    memoryFusion = config.memoryFusion();
    memoryLayers = config.memoryLayers();
    knowledgeNum = config.knowledgeNum();
    knowledgeLength = config.knowledgeLength();
    knowledgeDim = config.knowledgeDim();
    numSelected = config.numSelected();
    memoryHeads = config.memoryHeads();
    queryNorm = config.queryNorm();
    readNorm = config.readNorm();
    balanceLossCoef = config.balanceLossCoef();
    emaRule = config.emaRule();
    emaDecay = config.emaDecay();
    emaUpdateFreq = config.emaUpdateFreq();
    emaNormalised = config.emaNormalised();
    emaPositional = config.emaPositional();
    contextLengths = config.contextLengths();
    contextVotes = config.contextVotes();
    freezeRatio = config.freezeRatio();
    emaLaplaceEpsilon = config.emaLaplaceEpsilon();
    emaShadowCapacity = config.emaShadowCapacity();
  }

  /** V, number of tokens. */
  public ModelConfigBuilder vocabSize(int value) {
    vocabSize = value;
    return this;
  }

  /** Width of the residual stream. */
  public ModelConfigBuilder dim(int value) {
    dim = value;
    return this;
  }

  /** Number of blocks. */
  public ModelConfigBuilder nLayers(int value) {
    nLayers = value;
    return this;
  }

  /** Query heads of attention. */
  public ModelConfigBuilder nHeads(int value) {
    nHeads = value;
    return this;
  }

  /** Key and value heads of attention. */
  public ModelConfigBuilder nKvHeads(int value) {
    nKvHeads = value;
    return this;
  }

  /** Width of the feed-forward layers; 0 for 8/3 of {@code dim}, rounded up to a multiple of 64. */
  public ModelConfigBuilder hiddenDim(int value) {
    hiddenDim = value;
    return this;
  }

  /** Longest sequence. */
  public ModelConfigBuilder maxSeqLen(int value) {
    maxSeqLen = value;
    return this;
  }

  /** Added to mean squares in norms. */
  public ModelConfigBuilder normEps(double value) {
    normEps = value;
    return this;
  }

  /** Base of the rotary angles. */
  public ModelConfigBuilder ropeTheta(double value) {
    ropeTheta = value;
    return this;
  }

  /** What entries are. */
  public ModelConfigBuilder memoryStore(MemoryStore value) {
    memoryStore = value;
    return this;
  }

  /** How reads are mixed in. */
  public ModelConfigBuilder memoryFusion(MemoryFusion value) {
    memoryFusion = value;
    return this;
  }

  /** Blocks that have a memory; empty for all. */
  public ModelConfigBuilder memoryLayers(List<Integer> value) {
    memoryLayers = value;
    return this;
  }

  /** Number of entries, a square. */
  public ModelConfigBuilder knowledgeNum(int value) {
    knowledgeNum = value;
    return this;
  }

  /** Tokens of an entry. */
  public ModelConfigBuilder knowledgeLength(int value) {
    knowledgeLength = value;
    return this;
  }

  /** Width of a query head and of vector entries. */
  public ModelConfigBuilder knowledgeDim(int value) {
    knowledgeDim = value;
    return this;
  }

  /** Entries selected by each query head. */
  public ModelConfigBuilder numSelected(int value) {
    numSelected = value;
    return this;
  }

  /** Query heads of a memory layer. */
  public ModelConfigBuilder memoryHeads(int value) {
    memoryHeads = value;
    return this;
  }

  /** Normalisation of queries. */
  public ModelConfigBuilder queryNorm(QueryNorm value) {
    queryNorm = value;
    return this;
  }

  /** Whether every read is scaled to RMS 1. */
  public ModelConfigBuilder readNorm(boolean value) {
    readNorm = value;
    return this;
  }

  /** Factor of the balance loss. */
  public ModelConfigBuilder balanceLossCoef(double value) {
    balanceLossCoef = value;
    return this;
  }

  /** How entries of the EMA stores move. */
  public ModelConfigBuilder emaRule(EmaRule value) {
    emaRule = value;
    return this;
  }

  /** The decay γ. */
  public ModelConfigBuilder emaDecay(double value) {
    emaDecay = value;
    return this;
  }

  /** Optimiser steps between updates. */
  public ModelConfigBuilder emaUpdateFreq(int value) {
    emaUpdateFreq = value;
    return this;
  }

  /** Whether features are scaled to the mean norm of the embeddings. */
  public ModelConfigBuilder emaNormalised(boolean value) {
    emaNormalised = value;
    return this;
  }

  /** Whether place k follows the feature k positions later. */
  public ModelConfigBuilder emaPositional(boolean value) {
    emaPositional = value;
    return this;
  }

  /** Share of entries, from the first on, that never change. */
  public ModelConfigBuilder freezeRatio(double value) {
    freezeRatio = value;
    return this;
  }

  /** ε of the Laplace smoothing of counts, at least 0. */
  public ModelConfigBuilder emaLaplaceEpsilon(double value) {
    emaLaplaceEpsilon = value;
    return this;
  }

  /** Token entries that a float state is kept for at a time; 0 for all. */
  public ModelConfigBuilder emaShadowCapacity(int value) {
    emaShadowCapacity = value;
    return this;
  }

  /** Tokens of the contexts by which entries are addressed, ascending. */
  public ModelConfigBuilder contextLengths(List<Integer> value) {
    contextLengths = value;
    return this;
  }

  /** Most votes of an entry addressed by text, at least 1. */
  public ModelConfigBuilder contextVotes(int value) {
    contextVotes = value;
    return this;
  }

  /**
   * The configuration.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong
   */
  public ModelConfig build() {
    ModelConfig config =
        new ModelConfig(
            vocabSize,
            dim,
            nLayers,
            nHeads,
            nKvHeads,
            hiddenDim == 0 ? defaultHiddenDim() : hiddenDim,
            maxSeqLen,
            normEps,
            ropeTheta,
            memoryStore,
            memoryFusion,
            memoryLayers,
            knowledgeNum,
            knowledgeLength,
            knowledgeDim,
            slots(),
            memoryHeads,
            queryNorm,
            readNorm,
            balanceLossCoef,
            emaRule,
            emaDecay,
            emaUpdateFreq,
            emaNormalised,
            emaPositional,
            contextLengths,
            contextVotes,
            freezeRatio,
            emaLaplaceEpsilon,
            emaShadowCapacity);
    ModelConfigRules.check(config);
    return config;
  }

  /** Entries that are addressed by text have a slot for each length of contexts. */
  private int slots() {
    return memoryStore == MemoryStore.CONTEXT_TOKEN ? contextLengths.size() : numSelected;
  }

  private int defaultHiddenDim() {
    return (int) Math.min(Integer.MAX_VALUE, (8L * dim / 3 + 63) / 64 * 64);
  }
}
