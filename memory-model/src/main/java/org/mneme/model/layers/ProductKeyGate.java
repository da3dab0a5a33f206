// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.MemoryFunctions;
import org.mneme.model.autograd.MemoryFunctions.Selection;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.NeuralFunctions.BatchNormParameters;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.QueryNorm;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** Selects memory entries by product keys (Lample et al. 2019), with one or more query heads. */
final class ProductKeyGate {
  private static final float MOMENTUM = 0.1f;
  private static final float BATCH_NORM_EPS = 1e-5f;

  private final int layer;
  private final ModelConfig config;
  private final Parameter query;
  private final Parameter keys;
  private final BatchNormParameters batchNorm;

  ProductKeyGate(int layer, ModelConfig config, ParameterArena arena, Buffers buffers) {
    this.layer = layer;
    this.config = config;
    Names names = new Names(layer, config);
    this.query = arena.parameter(names.query());
    this.keys =
        arena
            .parameter(names.keys())
            .reshape(config.memoryHeads(), 2, config.keysPerHalf(), config.knowledgeDim() / 2);
    this.batchNorm =
        config.queryNorm() != QueryNorm.BATCH
            ? null
            : new BatchNormParameters(
                arena.parameter(names.norm("weight")),
                arena.parameter(names.norm("bias")),
                buffers.get(names.norm("running_mean")),
                buffers.get(names.norm("running_var")),
                BATCH_NORM_EPS,
                MOMENTUM);
  }

  static List<ParameterSpec> parameters(int layer, ModelConfig config) {
    Names names = new Names(layer, config);
    long columns = (long) config.memoryHeads() * config.knowledgeDim();
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(
        new ParameterSpec(
            names.query(),
            Shape.of(columns, config.dim()),
            ParameterGroup.MEMORY_GATE,
            Initializer.normal(Initializers.STANDARD_DEVIATION)));
    specs.add(
        new ParameterSpec(
            names.keys(),
            keyShape(config),
            ParameterGroup.MEMORY_GATE,
            Initializer.normal(1 / Math.sqrt(config.knowledgeDim() / 2.0))));
    if (config.queryNorm() == QueryNorm.BATCH) {
      specs.add(norm(names.norm("weight"), columns, 1));
      specs.add(norm(names.norm("bias"), columns, 0));
    }
    return specs;
  }

  private static ParameterSpec norm(String name, long columns, double value) {
    return new ParameterSpec(
        name, Shape.of(columns), ParameterGroup.NORM, Initializer.constant(value));
  }

  /** A published gate has one head, whose axis is left out on disk. */
  private static Shape keyShape(ModelConfig config) {
    long n = config.keysPerHalf();
    long half = config.knowledgeDim() / 2;
    return config.memoryFusion() == MemoryFusion.BESIDE || config.memoryHeads() > 1
        ? Shape.of(config.memoryHeads(), 2, n, half)
        : Shape.of(2, n, half);
  }

  static void addBuffers(int layer, ModelConfig config, Buffers buffers) {
    if (config.queryNorm() == QueryNorm.BATCH) {
      Names names = new Names(layer, config);
      Shape columns = Shape.of((long) config.memoryHeads() * config.knowledgeDim());
      buffers.add(names.norm("running_mean"), columns, 0);
      buffers.add(names.norm("running_var"), columns, 1);
    }
  }

  /** q [N, d]; selects S entries by each head and adds this layer's share of the balance loss. */
  Selection forward(LayerContext context, Var q) {
    Tape tape = context.tape();
    Var u = normalize(context, NeuralFunctions.linear(tape, q, query));
    Selection selection =
        MemoryFunctions.productKeyTopK(
            tape,
            u,
            keys,
            context.valid().orElse(null),
            config.numSelected(),
            balanceFactor(context),
            balanceLoss(context));
    context
        .observer()
        .selected(layer, selection.counted(), selection.weights().value(), q.value(), u.value());
    return selection;
  }

  private Var normalize(LayerContext context, Var u) {
    switch (config.queryNorm()) {
      case BATCH:
        return context.training()
            ? NeuralFunctions.batchNorm(context.tape(), u, context.valid().orElse(null), batchNorm)
            : NeuralFunctions.batchNormEvaluate(context.tape(), u, batchNorm);
      case RMS:
        return NeuralFunctions.rmsNormalize(
            context.tape(), u, config.knowledgeDim(), (float) config.normEps());
      default:
        return u;
    }
  }

  /** The mean over memory layers and heads. */
  private float balanceFactor(LayerContext context) {
    if (context.balanceLoss().isEmpty()) {
      return 0f;
    }
    double parts = (double) config.layersWithMemory().size() * config.memoryHeads();
    return (float) (config.balanceLossCoef() * context.balanceScale() / parts);
  }

  private static Tensor balanceLoss(LayerContext context) {
    return context.balanceLoss().orElse(null);
  }

  private record Names(String gate, String query) {
    Names(int layer, ModelConfig config) {
      this(
          "layers." + layer + (besides(config) ? ".memory." : ".memory_gate."),
          besides(config) ? "query.weight" : "gate_proj.weight");
    }

    private static boolean besides(ModelConfig config) {
      return config.memoryFusion() == MemoryFusion.BESIDE;
    }

    @Override
    public String query() {
      return gate + query;
    }

    String keys() {
      return gate + "keys";
    }

    String norm(String part) {
      return gate + "query_norm." + part;
    }
  }
}
