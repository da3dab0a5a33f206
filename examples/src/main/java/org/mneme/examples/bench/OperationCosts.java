// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelFlops;

/**
 * What the operations of a training step cost at least: floating-point operations of products,
 * bytes that must go to or from memory of everything else. Tensors that are read twice in one
 * operation count once, and small ones (weights of norms, indices, statistics) not at all.
 */
final class OperationCosts {
  private final Map<String, Double> flops = new HashMap<>();
  private final Map<String, Double> bytes = new HashMap<>();
  private final Map<String, Double> bytesOfCall = new HashMap<>();
  private final ModelConfig config;
  private final ModelFlops model;
  private final double positions;
  private final double memoryLayers;
  private final double slots;

  /**
   * The costs of a step.
   *
   * @param positions tokens of a step
   * @param parameters trainable parameters that every step moves
   * @param width bytes of an activation
   */
  OperationCosts(ModelConfig config, long positions, long parameters, int width) {
    this.config = config;
    this.model = ModelFlops.of(config);
    this.positions = positions;
    this.memoryLayers = config.hasMemory() ? config.layersWithMemory().size() : 0;
    this.slots = (double) config.memoryHeads() * config.numSelected();
    products();
    trunk(positions * (double) width);
    if (config.hasMemory()) {
      reads(positions * (double) width, width);
    }
    bytes.put("adam_w", parameters * (width == 2 ? 30.0 : 28.0));
    bytes.put("sum_of_squares", parameters * 4.0);
    bytes.put("fill", parameters * 4.0);
  }

  private void products() {
    double linear = positions * model.linear();
    flops.put("linear", linear);
    flops.put("linear_input_gradient", linear);
    flops.put("linear_weight_gradient", linear);
    double attention = positions * model.attention();
    flops.put("attention", attention);
    flops.put("attention_backward", 2.5 * attention); // scores are made again
    if (config.hasMemory()) {
      double scores = positions * model.keys();
      flops.put("product_key_top_k", scores);
      flops.put("product_key_backward", 3 * scores); // scores are made again
    }
    if (config.hasMemory() && config.memoryFusion() == MemoryFusion.CROSS_ATTENTION) {
      double entries = positions * model.entries();
      flops.put("entry_attention", entries);
      flops.put("entry_attention_backward", 2 * entries);
      flops.put("batched_gemm", 3 * positions * model.projections());
    }
  }

  private void trunk(double column) {
    double d = config.dim() * column;
    bytesOfCall.put("rms_norm", 2 * d);
    bytesOfCall.put("add_rms_norm", 4 * d);
    bytesOfCall.put("rms_norm_backward", 4 * d);
    bytesOfCall.put("add", 3 * d);
    bytesOfCall.put("silu_gate", 3 * d);
    bytesOfCall.put("silu_gate_backward", 5 * d);
    double rotated = (double) config.nHeads() + config.nKvHeads();
    bytesOfCall.put("rotary", 2 * rotated * config.headDim() * column);
    boolean inPlaceOfAll =
        memoryLayers == config.nLayers() && config.memoryFusion() == MemoryFusion.GATED_MLP;
    double gated = (inPlaceOfAll ? config.dim() : config.hiddenDim()) * column;
    bytesOfCall.put("swi_glu", 3 * gated);
    bytesOfCall.put("swi_glu_backward", 5 * gated);
    bytes.put("softmax_cross_entropy", 2 * config.vocabSize() * column);
    bytes.put("gather_rows", 2 * d);
    bytes.put("scatter_add_rows", d);
  }

  private void reads(double column, int width) {
    double read = slots * config.readWidth() * column;
    double q = config.dim() * column;
    double z = q + read;
    bytesOfCall.put("decode_token_memory", read);
    bytesOfCall.put("decode_token_memory_backward", read);
    bytesOfCall.put("concat_weighted", 2 * z);
    bytesOfCall.put("concat_weighted_backward", 2 * z + read);
    bytesOfCall.put("concat_tokens", z + q);
    bytesOfCall.put("concat_tokens_backward", 2 * z + q);
    bytesOfCall.put("concat_rows", z + q);
    bytesOfCall.put("concat_rows_backward", 2 * z + q);
    bytesOfCall.put("weighted_sum", read + config.readWidth() * column);
    bytesOfCall.put("weighted_sum_backward", 2 * read + config.readWidth() * column);
    boolean fixed = config.memoryStore() == MemoryStore.EMA_VECTOR;
    double rows = fixed ? read * 4.0 / width : read;
    bytesOfCall.put("embedding_bag", rows + config.readWidth() * column);
    bytesOfCall.put("embedding_bag_backward", rows + config.readWidth() * column);
    if (config.memoryFusion() != MemoryFusion.CROSS_ATTENTION && !config.readNorm()) {
      return; // Rows are read by concat_rows and by embedding_bag.
    }
    switch (config.memoryStore()) {
      case LEARNED -> {
        bytes.merge("gather_rows", 2 * read * memoryLayers, Double::sum);
        bytes.merge("scatter_add_rows", read * memoryLayers, Double::sum);
      }
      case EMA_VECTOR ->
          bytes.merge("gather_rows", read * (1 + 4.0 / width) * memoryLayers, Double::sum);
      default -> {}
    }
  }

  /**
   * Floating-point operations of the products of a step as the model defines them: three times
   * those of the forward, nothing computed twice.
   */
  double modelFlops() {
    return positions * model.training();
  }

  /** What an operation costs in a step of so many calls; empty where it is not known. */
  Optional<Cost> of(String operation, double calls) {
    if (flops.containsKey(operation)) {
      return Optional.of(new Cost(flops.get(operation), true));
    }
    if (bytes.containsKey(operation)) {
      return Optional.of(new Cost(bytes.get(operation), false));
    }
    return Optional.ofNullable(bytesOfCall.get(operation))
        .map(amount -> new Cost(calls * amount, false));
  }

  /**
   * A cost.
   *
   * @param amount floating-point operations, or bytes
   * @param product whether it is operations
   */
  record Cost(double amount, boolean product) {
    /** The rate at which it was paid. */
    String over(double seconds) {
      return product
          ? String.format(Locale.ROOT, "%.1f TFLOP/s", amount / seconds / 1e12)
          : String.format(Locale.ROOT, "%,.0f GB/s", amount / seconds / 1e9);
    }
  }
}
