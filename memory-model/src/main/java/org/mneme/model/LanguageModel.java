// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.memory.ema.EmaUpdaters;
import org.mneme.memory.state.Values;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.Buffers;
import org.mneme.model.layers.FusionFactory;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.layers.Trunk;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterTable;

/**
 * A decoder-only language model with or without an explicit memory, on one device.
 *
 * <p>Training goes through {@link TrainingPass}, losses through {@link TokenLosses}, incremental
 * decoding through {@link Decoder}; all of them use {@link #hidden} and {@link #logits}, which
 * research code can use as well.
 */
public final class LanguageModel implements AutoCloseable {
  private final Device device;
  private final ModelConfig config;
  private final DType computeType;
  private final ParameterArena arena;
  private final Trunk trunk;
  private final Class<?> ownFusion;
  private boolean entriesGiven;
  private final Closer closer = new Closer();

  private LanguageModel(Device device, ModelConfig config, ModelOptions options) {
    requireSupport(device, options.computeType());
    this.device = device;
    this.config = config;
    this.computeType = options.computeType();
    FusionFactory fusion = options.fusionOf(config);
    ParameterTable table = new ParameterTable(Trunk.parameters(config, fusion));
    try {
      this.arena = closer.add(new ParameterArena(device, table, computeType, options.trainable()));
      this.trunk = closer.add(new Trunk(config, device, arena, fusion));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
    this.ownFusion = options.fusion().map(Object::getClass).orElse(null);
  }

  /**
   * Checks that models can compute with a dtype on a device.
   *
   * @throws UserException if it is no floating type that the device supports
   */
  public static void requireSupport(Device device, DType type) {
    DeviceInfo info = device.info();
    if (!type.isFloating() || !info.dtypes().contains(type)) {
      throw new UserException(
          "dtype is "
              + name(type)
              + ", expected a floating type that device "
              + info.id()
              + " ("
              + info.description()
              + ") supports: "
              + info.dtypes().stream()
                  .filter(DType::isFloating)
                  .sorted()
                  .map(LanguageModel::name)
                  .collect(Collectors.joining(", ")));
    }
  }

  private static String name(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** A new trainable model that computes in F32. */
  public static LanguageModel create(Device device, ModelConfig config, long seed) {
    return create(device, config, ModelOptions.training(), seed);
  }

  /**
   * A new model; all its first values come from the seed.
   *
   * @throws UserException if the device does not support the dtype to compute with
   */
  public static LanguageModel create(
      Device device, ModelConfig config, ModelOptions options, long seed) {
    return Closer.initialized(
        new LanguageModel(device, config, options),
        model -> {
          model.arena.initialize(seed);
          model.trunk.initialize(seed);
        });
  }

  /**
   * Loads a checkpoint for evaluation, without gradients. If it has checksums, its files are
   * compared with them first.
   *
   * @param checkpoint a directory with {@code config.json} and {@code model.safetensors}
   * @throws UserException if it is incomplete, damaged, not of one shape, or holds a value that no
   *     model can have, such as a token id outside the vocabulary; file, tensor, place and value
   *     are named
   */
  public static LanguageModel load(Device device, Path checkpoint) {
    return load(device, checkpoint, ModelOptions.evaluation());
  }

  /** Loads a checkpoint; {@link ModelOptions#training()}, to train it further. */
  public static LanguageModel load(Device device, Path checkpoint, ModelOptions options) {
    ModelFiles files = new ModelFiles(checkpoint);
    ModelConfig config = files.readConfig();
    files.verify();
    files.requireRoomFor(
        config, new ParameterTable(Trunk.parameters(config, options.fusionOf(config))));
    return Closer.initialized(
        new LanguageModel(device, config, options),
        model -> {
          files.readTensors(model);
          model.entriesGiven = true;
        });
  }

  /**
   * Replaces weights, entries and running statistics by those of a checkpoint.
   *
   * @throws UserException if it is incomplete, its tensors are not those of this model, or one
   *     holds a value that no model can have
   */
  public void restore(Path checkpoint) {
    new ModelFiles(checkpoint).readTensors(this);
    entriesGiven = true;
  }

  /** Writes {@code config.json} and {@code model.safetensors}, replacing them if they are there. */
  public void save(Path checkpoint) throws IOException {
    new ModelFiles(checkpoint).write(this);
  }

  /** The last hidden states [B·T, d], normalised, of token ids [B, T] I32. */
  public Var hidden(LayerContext context, Tensor ids) {
    return trunk.forward(context, ids);
  }

  /** logits = hidden·Eᵀ: hidden [N, d], result [N, V]. */
  public Var logits(Tape tape, Var hidden) {
    return NeuralFunctions.linear(tape, hidden, trunk.embeddings());
  }

  /** The device that holds the model. */
  public Device device() {
    return device;
  }

  /** What the model is. */
  public ModelConfig config() {
    return config;
  }

  /** The dtype of activations. */
  public DType computeType() {
    return computeType;
  }

  /** The trainable parameters. */
  public ParameterArena parameters() {
    return arena;
  }

  /** The token embeddings E [V, d], tied with the output. */
  public Parameter embeddings() {
    return trunk.embeddings();
  }

  /** The memory's entries; empty for a model without a memory. */
  public Optional<Codebook> memory() {
    return trunk.entries().map(MemoryEntries::codebook);
  }

  /**
   * Returns whether entries of the memory were loaded from a checkpoint, or set one by one, so that
   * first contents would replace something that somebody chose.
   */
  public boolean hasGivenEntries() {
    return entriesGiven;
  }

  /** Notes that entries of the memory were set, see {@link #hasGivenEntries}. */
  public void noteGivenEntries() {
    entriesGiven = true;
  }

  /** The class that makes the fusions, if it is not that of a configured fusion. */
  public Optional<Class<?>> ownFusion() {
    return Optional.ofNullable(ownFusion);
  }

  /** What has been read, of a model whose entries are addressed by text; else empty. */
  public Optional<ContextMemory> contexts() {
    return trunk.entries().flatMap(MemoryEntries::contexts);
  }

  /** State that belongs to the memory's entries besides themselves, by name on disk. */
  Map<String, Tensor> memoryState() {
    return trunk.entries().map(MemoryEntries::state).orElse(Map.of());
  }

  /** The values that entries and their state may hold, by name on disk. */
  Map<String, Values> memoryValues() {
    return trunk.entries().map(MemoryEntries::values).orElse(Map.of());
  }

  /**
   * What moves the memory's entries; empty if they are not moved by EMA. The caller closes it
   * before the model.
   *
   * @param ema usually {@code config().ema()} with a seed
   */
  public Optional<EmaUpdater> emaUpdater(EmaConfig ema) {
    if (!config.movesByEma()) {
      return Optional.empty();
    }
    return memory()
        .map(
            memory ->
                memory instanceof TokenCodebook tokens
                    ? EmaUpdaters.forTokens(ema, tokens, embeddings().value())
                    : EmaUpdaters.forVectors(ema, (VectorCodebook) memory));
  }

  /** State that is no parameter, such as running statistics. */
  public Buffers buffers() {
    return trunk.buffers();
  }

  @Override
  public void close() {
    closer.close();
  }
}
