// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mneme.memory.context.ContextConfig;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaRule;

/**
 * What a model is; made by {@link #builder()}, which checks. Keys on disk are the component names
 * in snake case; defaults stand in {@link ModelConfigBuilder}.
 *
 * @param vocabSize V, number of tokens
 * @param dim d, width of the residual stream
 * @param nLayers number of blocks
 * @param nHeads query heads of attention
 * @param nKvHeads key and value heads of attention
 * @param hiddenDim width of the feed-forward layers
 * @param maxSeqLen longest sequence
 * @param normEps added to mean squares in norms
 * @param ropeTheta base of the rotary angles
 * @param memoryStore what entries are
 * @param memoryFusion how reads are mixed in
 * @param memoryLayers blocks that have a memory, ascending; empty for all
 * @param knowledgeNum M, number of entries, a square
 * @param knowledgeLength K, tokens of an entry
 * @param knowledgeDim D, width of a query head and of vector entries (beside: entries have width d)
 * @param numSelected S, entries selected by each query head
 * @param memoryHeads query heads of a memory layer
 * @param queryNorm normalisation of queries
 * @param readNorm whether every read is scaled to RMS 1
 * @param balanceLossCoef factor of the balance loss
 * @param emaRule how entries of the EMA stores move
 * @param emaDecay γ
 * @param emaUpdateFreq optimiser steps between updates
 * @param emaNormalised whether features are scaled to the mean norm of the embeddings
 * @param emaPositional whether place k follows the feature k positions later
 * @param contextLengths tokens of the contexts by which entries of {@code context_token} are
 *     addressed, ascending; there is a slot for each
 * @param contextVotes most votes of such an entry; with 1 it always takes the newest tokens
 * @param freezeRatio share of entries, from the first on, that never change; 0 with learned entries
 * @param emaLaplaceEpsilon ε of the Laplace smoothing of counts ({@link EmaRule#COUNT})
 * @param emaShadowCapacity token entries that {@link EmaRule#SHADOW} and {@link EmaRule#COUNT} keep
 *     a float state for at a time; 0 for all
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonDeserialize(builder = ModelConfigBuilder.class)
public record ModelConfig(
    int vocabSize,
    int dim,
    int nLayers,
    int nHeads,
    int nKvHeads,
    int hiddenDim,
    int maxSeqLen,
    double normEps,
    double ropeTheta,
    MemoryStore memoryStore,
    MemoryFusion memoryFusion,
    List<Integer> memoryLayers,
    int knowledgeNum,
    int knowledgeLength,
    int knowledgeDim,
    int numSelected,
    int memoryHeads,
    QueryNorm queryNorm,
    boolean readNorm,
    double balanceLossCoef,
    EmaRule emaRule,
    double emaDecay,
    int emaUpdateFreq,
    boolean emaNormalised,
    boolean emaPositional,
    List<Integer> contextLengths,
    int contextVotes,
    double freezeRatio,
    double emaLaplaceEpsilon,
    int emaShadowCapacity) {

  /** Copies the lists; {@link ModelConfigBuilder#build} is what checks the values. */
  public ModelConfig {
    memoryLayers = List.copyOf(memoryLayers);
    contextLengths = List.copyOf(contextLengths);
  }

  /** A builder with the defaults. */
  public static ModelConfigBuilder builder() {
    return new ModelConfigBuilder();
  }

  /** A builder with the values of this configuration. */
  public ModelConfigBuilder toBuilder() {
    return new ModelConfigBuilder(this);
  }

  /** Whether there is a memory at all. */
  public boolean hasMemory() {
    return memoryStore != MemoryStore.NONE;
  }

  /** Whether block {@code layer} has a memory. */
  public boolean hasMemory(int layer) {
    return hasMemory() && (memoryLayers.isEmpty() || memoryLayers.contains(layer));
  }

  /** The blocks that have a memory, ascending. */
  public List<Integer> layersWithMemory() {
    return IntStream.range(0, nLayers)
        .filter(this::hasMemory)
        .boxed()
        .collect(Collectors.toUnmodifiableList());
  }

  /** The width of an attention head. */
  public int headDim() {
    return dim / nHeads;
  }

  /** n = √M, sub-keys of each half. */
  public int keysPerHalf() {
    return (int) Math.round(Math.sqrt(knowledgeNum));
  }

  /** The width of an entry as it is read. */
  public int readWidth() {
    boolean wide = holdsTokens() || memoryFusion == MemoryFusion.BESIDE;
    return wide ? dim : knowledgeDim;
  }

  /** Whether entries are token ids. */
  public boolean holdsTokens() {
    return memoryStore == MemoryStore.EMA_TOKEN || remembersContexts();
  }

  /** Whether entries belong to the tokens before a position and are not selected by queries. */
  public boolean remembersContexts() {
    return memoryStore == MemoryStore.CONTEXT_TOKEN;
  }

  /** How entries are addressed by text. */
  public ContextConfig contexts() {
    int frozen = (int) Math.floor(freezeRatio * knowledgeNum);
    return new ContextConfig(contextLengths, contextVotes, frozen);
  }

  /** Whether entries are moved by EMA. */
  public boolean movesByEma() {
    return memoryStore == MemoryStore.EMA_VECTOR || memoryStore == MemoryStore.EMA_TOKEN;
  }

  /** The EMA settings of these values; seed and chunks can be added. */
  public EmaConfig.Builder ema() {
    EmaConfig.Builder ema =
        EmaConfig.builder()
            .rule(emaRule)
            .decay(emaDecay)
            .updateFrequency(emaUpdateFreq)
            .normalised(emaNormalised)
            .positional(emaPositional)
            .freezeRatio(freezeRatio)
            .laplaceEpsilon(emaLaplaceEpsilon)
            .shadowCapacity(emaShadowCapacity);
    // Entries that are worked on together have their state at the same time.
    return emaShadowCapacity > 0
        ? ema.chunkRows(Math.min(emaShadowCapacity, EmaConfig.DEFAULT_CHUNK_ROWS))
        : ema;
  }
}
