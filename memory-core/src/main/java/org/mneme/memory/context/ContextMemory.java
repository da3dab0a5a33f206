// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.context;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.TokenCodebook;

/**
 * A memory that has read: each entry belongs to a context (the last n tokens before a position, for
 * a few n) and holds K tokens that followed it, with the votes that they have; see {@link
 * org.mneme.compute.kernels.ContextKernels} for addresses and votes.
 *
 * <p>What it knows is its codebook, {@link #owners} and {@link #votes}; it is the caller's to save
 * them. A training that may read a text twice also keeps {@link #origins}, so that no position
 * reads what it has written itself: a held-out text never could.
 */
public final class ContextMemory implements AutoCloseable {
  private final Device device;
  private final ContextConfig config;
  private final TokenCodebook codebook;
  private final Tensor lengths;
  private final Tensor owners;
  private final Tensor votes;
  private final Closer closer = new Closer();
  private Tensor origins;
  private Tensor latest;

  /**
   * A memory whose entries are all empty.
   *
   * @param codebook of valid tokens, whatever they are; stays its opener's
   */
  public ContextMemory(ContextConfig config, TokenCodebook codebook) {
    this.device = codebook.device();
    this.config = config;
    this.codebook = codebook;
    int[] tokens = config.lengths().stream().mapToInt(Integer::intValue).toArray();
    try {
      this.lengths = closer.add(device.allocate(MemoryTag.MEMORY_BANK, DType.I32, tokens.length));
      device.transfer().writeInts(tokens, lengths);
      this.owners = closer.add(perEntry(MemoryTag.MEMORY_BANK, 0));
      this.votes = closer.add(perEntry(MemoryTag.MEMORY_BANK, 0));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private Tensor perEntry(MemoryTag tag, int value) {
    return filled(tag, codebook.entries(), value);
  }

  private Tensor filled(MemoryTag tag, long elements, int value) {
    return Closer.initialized(
        device.allocate(tag, DType.I32, elements), tensor -> device.transfer().fill(tensor, value));
  }

  /** How entries are addressed and changed. */
  public ContextConfig config() {
    return config;
  }

  /** S, the contexts of a position. */
  public int slots() {
    return config.lengths().size();
  }

  /** The most tokens of a context: no address depends on what stands before them. */
  public int longest() {
    return Collections.max(config.lengths());
  }

  /** The tag of the context to which each entry belongs [M] I32. */
  public Tensor owners() {
    return owners;
  }

  /** The votes of each entry, 0 for an empty one [M] I32. */
  public Tensor votes() {
    return votes;
  }

  /** Keeps from now on where tokens are taken from; of those that are there it is not known. */
  public void keepOrigins() {
    if (origins == null) {
      origins = perEntry(MemoryTag.MEMORY_BANK, 0);
    }
  }

  /** Keeps no longer where tokens are taken from, and lets go what was known. */
  public void forgetOrigins() {
    if (origins != null) {
      origins.close();
      origins = null;
    }
  }

  /**
   * The source of the tokens of each entry, 0 where it is not known [M] I32; empty unless they are
   * kept, see {@link #keepOrigins}.
   */
  public Optional<Tensor> origins() {
    return Optional.ofNullable(origins);
  }

  /**
   * Computes the addresses of all contexts.
   *
   * @param ids [B, T] I32
   * @param indices [B·T, S] I32
   * @param tags [B·T, S] I32
   */
  public void addresses(Tensor ids, Tensor indices, Tensor tags) {
    device.context().contextAddresses(ids, lengths, codebook.entries(), indices, tags);
  }

  /**
   * Reads what stands at addresses.
   *
   * @param sources a number for each position, the same whenever the same place of a text is read,
   *     0 where that is not known [N] I32: if origins are kept, what was taken from there is not
   *     found; null if none is known
   * @param tokens [N, S·K] I32
   * @param kinds votes of the entries that belong to the context, 0 for others [N, S] I32
   */
  public void lookUp(Tensor indices, Tensor tags, Tensor sources, Tensor tokens, Tensor kinds) {
    boolean known = origins != null && sources != null;
    device
        .context()
        .lookUpContexts(
            codebook.bank(),
            owners,
            votes,
            known ? origins : null,
            indices,
            tags,
            known ? sources : null,
            tokens,
            kinds);
  }

  /**
   * Reads text: entries take what followed their contexts, by a vote. Waits for nothing, so that it
   * can be captured.
   *
   * @param ids [B, T] I32
   * @param sources as in {@link #lookUp} [B·T] I32; null if none is known
   * @param excludedToken a token that no entry takes, such as padding; −1 for none
   */
  public void remember(Tensor ids, Tensor sources, int excludedToken) {
    remember(ids, sources, excludedToken, null, 0);
  }

  /**
   * Reads text as {@link #remember(Tensor, Tensor, int)} does, in a way that can be taken back.
   *
   * @param undo receives the entries that may change
   * @param text the number of this text in {@code undo}, from 0
   */
  public void remember(Tensor ids, Tensor sources, int excludedToken, ContextUndo undo, int text) {
    if (latest == null) {
      latest = perEntry(MemoryTag.WORKSPACE, -1);
    }
    long positions = ids.elementCount();
    try (Tensor indices = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions, slots());
        Tensor tags = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions, slots());
        Tensor unknown =
            origins != null && sources == null ? filled(MemoryTag.WORKSPACE, positions, 0) : null) {
      addresses(ids, indices, tags);
      if (undo != null) {
        undo.save(text, indices);
      }
      Tensor known = origins == null ? null : sources;
      device
          .context()
          .rememberContexts(
              ids,
              indices,
              tags,
              unknown == null ? known : unknown,
              config.frozenEntries(),
              config.mostVotes(),
              excludedToken,
              latest,
              codebook.bank(),
              owners,
              votes,
              origins);
    }
  }

  /** Everything that reading changes, a row for each entry. */
  List<Tensor> tables() {
    long entries = codebook.entries();
    List<Tensor> tables = new ArrayList<>();
    tables.add(codebook.bank());
    tables.add(owners.reshape(entries, 1));
    tables.add(votes.reshape(entries, 1));
    if (origins != null) {
      tables.add(origins.reshape(entries, 1));
    }
    return tables;
  }

  /** The share of the entries that are not empty; waits for the device. */
  public double filled() {
    int entries = codebook.entries();
    try (Tensor rows = device.allocate(MemoryTag.WORKSPACE, DType.I32, entries);
        Tensor count = device.allocate(MemoryTag.WORKSPACE, DType.I32, 1)) {
      device.memory().listRows(votes, rows, count);
      return (double) device.transfer().readInts(count)[0] / entries;
    }
  }

  @Override
  public void close() {
    Closer.closeAll(latest, this::forgetOrigins, closer);
  }
}
