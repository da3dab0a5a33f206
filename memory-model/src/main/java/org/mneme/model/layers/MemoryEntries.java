// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import java.util.Map;
import java.util.Optional;
import org.mneme.compute.Closer;
import org.mneme.compute.Device;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.random.Seeds;
import org.mneme.memory.state.Values;
import org.mneme.model.autograd.NeuralFunctions;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.Initializer;
import org.mneme.model.parameters.Parameter;
import org.mneme.model.parameters.ParameterArena;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterSpec;

/** The one bank of entries that all memory layers of a model share, and how it is read. */
public final class MemoryEntries implements AutoCloseable {
  /** The bank's name on disk. */
  public static final String NAME = "memory_bank";

  private final ModelConfig config;
  private final Codebook codebook;
  private final MemoryReader reader;
  private final ContextMemory contexts;
  private final Closer closer = new Closer();

  private MemoryEntries(ModelConfig config, Codebook codebook, MemoryReader reader) {
    this.config = config;
    this.codebook = closer.add(codebook);
    this.reader = reader;
    try {
      this.contexts =
          config.remembersContexts()
              ? closer.add(new ContextMemory(config.contexts(), (TokenCodebook) codebook))
              : null;
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  /** The parameter that a learned store is. */
  static ParameterSpec parameter(ModelConfig config) {
    return new ParameterSpec(
        NAME,
        Shape.of(config.knowledgeNum(), config.readWidth()),
        ParameterGroup.MEMORY_VALUES,
        Initializer.normal(1 / Math.sqrt(config.readWidth())));
  }

  /** The store of a configuration; entries moved by EMA have undefined contents. */
  static MemoryEntries of(
      ModelConfig config, Device device, ParameterArena arena, Parameter embeddings) {
    if (config.memoryStore() == MemoryStore.LEARNED) {
      Parameter bank = arena.parameter(NAME);
      return new MemoryEntries(
          config, VectorCodebook.around(bank.master()), new MemoryReaders.Vectors(bank));
    }
    if (config.memoryStore() == MemoryStore.EMA_VECTOR) {
      VectorCodebook vectors =
          VectorCodebook.allocate(device, config.knowledgeNum(), config.knowledgeDim());
      return new MemoryEntries(
          config, vectors, new MemoryReaders.FixedVectors(vectors.bank(), embeddings));
    }
    TokenCodebook tokens =
        TokenCodebook.allocate(device, config.knowledgeNum(), config.knowledgeLength());
    return new MemoryEntries(config, tokens, new MemoryReaders.Tokens(tokens.bank(), embeddings));
  }

  /** Entries at random: tokens uniformly from the vocabulary, vectors normal. */
  void initialize(long seed) {
    Device device = codebook.device();
    long key = Seeds.of(seed, NAME);
    if (config.holdsTokens()) {
      device.random().uniformInts(codebook.bank(), 0, config.vocabSize(), key);
    } else if (config.memoryStore() == MemoryStore.EMA_VECTOR) {
      Initializer.normal(1 / Math.sqrt(config.readWidth()))
          .initialize(device, codebook.bank(), key);
    }
  }

  /** Reads entries, scaled to RMS 1 if so configured. */
  MemoryReader reader() {
    if (!config.readNorm()) {
      return reader;
    }
    return (tape, selection) ->
        NeuralFunctions.rmsNormalize(
            tape, reader.read(tape, selection), config.readWidth(), (float) config.normEps());
  }

  /** The entries. */
  public Codebook codebook() {
    return codebook;
  }

  /** What has been read, where entries are addressed by text. */
  public Optional<ContextMemory> contexts() {
    return Optional.ofNullable(contexts);
  }

  /** What belongs to the entries besides themselves, by name on disk. */
  public Map<String, Tensor> state() {
    return contexts == null
        ? Map.of()
        : Map.of(NAME + ".owners", contexts.owners(), NAME + ".votes", contexts.votes());
  }

  /**
   * The values that {@link #NAME} and {@link #state} may hold, by name on disk: kernels read the
   * embeddings at token ids and the table of biases at votes, unchecked.
   */
  public Map<String, Values> values() {
    Values entries =
        config.holdsTokens()
            ? Values.integers("a token id", 0, config.vocabSize())
            : Values.finite();
    return contexts == null
        ? Map.of(NAME, entries)
        : Map.of(
            NAME,
            entries,
            NAME + ".owners",
            Values.anyInteger(),
            NAME + ".votes",
            Values.integers("votes", 0, contexts.config().mostVotes() + 1L));
  }

  @Override
  public void close() {
    closer.close();
  }
}
