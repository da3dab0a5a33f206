// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.mneme.compute.UserException;

/**
 * The published systems (MiniMind memory series) and {@code beside}: what each is, with its
 * published hyper-parameters.
 */
public enum PublishedSystem {
  /** The baseline without a memory. */
  ORIGINAL("1.4.0", "no memory"),
  /** Learned vectors, read by cross-attention. */
  CROSS_ATTENTION("1.4.1", "learned vectors, cross-attention"),
  /** Learned vectors, fused by a gated MLP. */
  GATED_MLP("1.4.2", "learned vectors, gated MLP"),
  /** Vectors moved by EMA, fused by a gated MLP. */
  EMA_VECTOR("1.4.5", "EMA vectors, gated MLP"),
  /** Token ids moved by EMA, fused by a gated MLP. */
  EMA_TOKEN("1.4.6", "EMA tokens, gated MLP"),
  /** Learned values beside kept feed-forward layers (after Lample 2019 and Berges 2024). */
  BESIDE("beside", "learned values beside the feed-forward layer"),
  /** Tokens addressed by the text before a position, beside kept feed-forward layers. */
  CONTEXT("context", "memory of tokens by context");

  private final String id;
  private final String description;

  PublishedSystem(String id, String description) {
    this.id = id;
    this.description = description;
  }

  /** The number of the experiment. */
  public String id() {
    return id;
  }

  /** What it is, in a few words. */
  public String description() {
    return description;
  }

  /**
   * The system of this id.
   *
   * @throws UserException if there is none
   */
  public static PublishedSystem of(String id) {
    return Arrays.stream(values())
        .filter(system -> system.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "system '"
                        + id
                        + "' is not known, expected one of "
                        + Arrays.stream(values())
                            .map(PublishedSystem::id)
                            .collect(Collectors.joining(", "))));
  }

  /** The configuration as published (dim 512, 8 layers, 32 heads, sequence 512). */
  public ModelConfigBuilder config() {
    return apply(ModelConfig.builder());
  }

  /** Sets store, fusion and memory of a configuration to those of this system. */
  public ModelConfigBuilder apply(ModelConfigBuilder builder) {
    switch (this) {
      case ORIGINAL:
        return builder.memoryStore(MemoryStore.NONE);
      case CROSS_ATTENTION:
        return builder.memoryStore(MemoryStore.LEARNED).memoryFusion(MemoryFusion.CROSS_ATTENTION);
      case GATED_MLP:
        return builder.memoryStore(MemoryStore.LEARNED).knowledgeLength(32);
      case EMA_VECTOR:
        return builder
            .memoryStore(MemoryStore.EMA_VECTOR)
            .knowledgeNum(1_048_576)
            .emaDecay(0.999)
            .emaUpdateFreq(1);
      case EMA_TOKEN:
        return builder.memoryStore(MemoryStore.EMA_TOKEN).knowledgeNum(1_048_576);
      case BESIDE:
        return builder
            .memoryStore(MemoryStore.LEARNED)
            .memoryFusion(MemoryFusion.BESIDE)
            .queryNorm(QueryNorm.BATCH)
            .memoryHeads(4);
      case CONTEXT:
        return builder
            .memoryStore(MemoryStore.CONTEXT_TOKEN)
            .memoryFusion(MemoryFusion.BESIDE)
            .knowledgeNum(16_777_216)
            .knowledgeLength(4)
            .balanceLossCoef(0);
      default:
        throw new AssertionError(this);
    }
  }
}
