// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.ContextFunctions;
import org.mneme.model.autograd.ContextFunctions.ContextText;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.MemoryFusion;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** Embedding, blocks and the last norm: everything up to the logits. */
public final class Trunk implements AutoCloseable {
  private static final String EMBEDDINGS = "tok_embeddings.weight";
  private static final String FINAL_NORM = "norm.weight";
  private static final int ROTARY_ELEMENTS = 1 << 20;

  private final ModelConfig config;
  private final Parameter embeddings;
  private final Parameter finalNorm;
  private final Tensor rotary;
  private final Buffers buffers;
  private final MemoryEntries entries;
  private final List<Block> blocks = new ArrayList<>();
  private final Closer closer = new Closer();

  /**
   * Builds the layers of a configuration around the parameters of an arena.
   *
   * @param fusion makes the fusions of memory blocks; not used where there are none
   */
  public Trunk(ModelConfig config, Device device, ParameterArena arena, FusionFactory fusion) {
    this.config = config;
    this.embeddings = arena.parameter(EMBEDDINGS);
    this.finalNorm = arena.parameter(FINAL_NORM);
    try {
      this.rotary = closer.add(rotaryTable(config, device));
      this.buffers = closer.add(new Buffers(device));
      this.entries =
          config.hasMemory()
              ? closer.add(MemoryEntries.of(config, device, arena, embeddings))
              : null;
      for (int layer = 0; layer < config.nLayers(); layer++) {
        blocks.add(block(layer, arena, fusion));
      }
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** The parameter table of a configuration. */
  public static List<ParameterSpec> parameters(ModelConfig config, FusionFactory fusion) {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(
        new ParameterSpec(
            EMBEDDINGS,
            Shape.of(config.vocabSize(), config.dim()),
            ParameterGroup.EMBEDDING,
            Initializer.normal(Initializers.STANDARD_DEVIATION)));
    for (int layer = 0; layer < config.nLayers(); layer++) {
      specs.addAll(blockParameters(layer, config, fusion));
    }
    specs.add(Norms.parameter(FINAL_NORM, config));
    if (config.memoryStore() == MemoryStore.LEARNED) {
      specs.add(MemoryEntries.parameter(config));
    }
    return specs;
  }

  private static List<ParameterSpec> blockParameters(
      int layer, ModelConfig config, FusionFactory fusion) {
    if (!config.hasMemory(layer)) {
      return DenseBlock.parameters(layer, config);
    }
    return config.memoryFusion() == MemoryFusion.BESIDE
        ? BesideBlock.parameters(layer, config)
        : MemoryBlock.parameters(layer, config, fusion);
  }

  private Block block(int layer, ParameterArena arena, FusionFactory fusion) {
    AttentionLayer attention = new AttentionLayer(layer, config, arena, rotary);
    if (!config.hasMemory(layer)) {
      return new DenseBlock(layer, config, arena, attention);
    }
    if (config.remembersContexts()) {
      return beside(layer, arena, attention, new ContextSum(layer, config, arena));
    }
    ProductKeyGate.addBuffers(layer, config, buffers);
    ProductKeyGate gate = new ProductKeyGate(layer, config, arena, buffers);
    MemoryReader reader = entries.reader();
    if (config.memoryFusion() == MemoryFusion.BESIDE) {
      return beside(layer, arena, attention, new ProductKeySum(layer, gate, reader));
    }
    return new MemoryBlock(
        layer, config, arena, attention, gate, reader, fusion.create(layer, config, arena));
  }

  private Block beside(int layer, ParameterArena arena, AttentionLayer attention, MemorySum sum) {
    DenseBlock dense = new DenseBlock(layer, config, arena, attention);
    return new BesideBlock(layer, config, arena, dense, sum);
  }

  private static Tensor rotaryTable(ModelConfig config, Device device) {
    return Closer.initialized(
        device.allocate(MemoryTag.WEIGHTS, DType.F32, config.maxSeqLen(), config.headDim()),
        table -> fillRotary(config, table));
  }

  /** In pieces, since a long sequence of wide heads has more elements than an array can hold. */
  private static void fillRotary(ModelConfig config, Tensor table) {
    int piece = Math.max(1, ROTARY_ELEMENTS / config.headDim());
    for (int from = 0; from < config.maxSeqLen(); ) {
      int rows = Math.min(piece, config.maxSeqLen() - from);
      float[] values = rotary(config, from, rows);
      table.device().transfer().writeFloats(values, table.rows(from, (long) from + rows));
      from += rows;
    }
  }

  private static float[] rotary(ModelConfig config, int from, int rows) {
    int headDim = config.headDim();
    float[] values = new float[Math.multiplyExact(rows, headDim)];
    for (int t = 0; t < rows; t++) {
      for (int i = 0; i < headDim; i += 2) {
        double angle = (from + t) * Math.pow(config.ropeTheta(), -(double) i / headDim);
        values[t * headDim + i] = (float) Math.cos(angle);
        values[t * headDim + i + 1] = (float) Math.sin(angle);
      }
    }
    return values;
  }

  /** First values of what is no parameter. */
  public void initialize(long seed) {
    if (entries != null) {
      entries.initialize(seed);
    }
  }

  /** The last hidden states [B·T, d] of token ids [B, T]. */
  public Var forward(LayerContext context, Tensor ids) {
    Tape tape = context.tape();
    LayerContext own = withLookup(context, ids);
    Stream stream = new Stream(NeuralFunctions.embedding(tape, embeddings, ids), null);
    for (Block block : blocks) {
      stream = block.forward(own, stream);
    }
    return stream.normed(tape, finalNorm, (float) config.normEps()).normed();
  }

  /** Entries that are addressed by text are the same for all blocks of a pass. */
  private LayerContext withLookup(LayerContext context, Tensor ids) {
    if (!config.remembersContexts()) {
      return context;
    }
    int before = entries.contexts().orElseThrow().longest() - 1;
    Tensor recent = context.cache().map(cache -> cache.recent(ids, before)).orElse(ids);
    Tensor tokens = recent.reshape(context.batch(), recent.elementCount() / context.batch());
    return context.with(
        ContextFunctions.lookUp(
            context.tape(),
            entries.contexts().orElseThrow(),
            new ContextText(tokens, ids.elementCount(), context.sources()),
            readTable(context),
            config.knowledgeLength()));
  }

  private Var readTable(LayerContext context) {
    Supplier<Var> table =
        () -> ContextFunctions.table(context.tape(), embeddings, (float) config.normEps());
    return context
        .cache()
        .map(cache -> Var.constant(cache.table(() -> table.get().value())))
        .orElseGet(table);
  }

  /** The token embeddings E [V, d], which are also the output matrix. */
  public Parameter embeddings() {
    return embeddings;
  }

  /** The memory's entries, if there is a memory. */
  public Optional<MemoryEntries> entries() {
    return Optional.ofNullable(entries);
  }

  /** State that is no parameter. */
  public Buffers buffers() {
    return buffers;
  }

  @Override
  public void close() {
    closer.close();
  }
}
