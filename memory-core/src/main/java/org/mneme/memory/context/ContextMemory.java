// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.context;

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
 * them.
 */
public final class ContextMemory implements AutoCloseable {
  private final Device device;
  private final ContextConfig config;
  private final TokenCodebook codebook;
  private final Tensor lengths;
  private final Tensor owners;
  private final Tensor votes;
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
    this.lengths = device.allocate(MemoryTag.MEMORY_BANK, DType.I32, config.lengths().size());
    device
        .transfer()
        .writeInts(config.lengths().stream().mapToInt(Integer::intValue).toArray(), lengths);
    this.owners = device.allocate(MemoryTag.MEMORY_BANK, DType.I32, codebook.entries());
    this.votes = device.allocate(MemoryTag.MEMORY_BANK, DType.I32, codebook.entries());
    device.transfer().fill(owners, 0);
    device.transfer().fill(votes, 0);
  }

  /** How entries are addressed and changed. */
  public ContextConfig config() {
    return config;
  }

  /** S, the contexts of a position. */
  public int slots() {
    return config.lengths().size();
  }

  /** The tag of the context to which each entry belongs [M] I32. */
  public Tensor owners() {
    return owners;
  }

  /** The votes of each entry, 0 for an empty one [M] I32. */
  public Tensor votes() {
    return votes;
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
   * @param tokens [N, S·K] I32
   * @param kinds votes of the entries that belong to the context, 0 for others [N, S] I32
   */
  public void lookUp(Tensor indices, Tensor tags, Tensor tokens, Tensor kinds) {
    device.context().lookUpContexts(codebook.bank(), owners, votes, indices, tags, tokens, kinds);
  }

  /**
   * Reads text: entries take what followed their contexts, by a vote. Waits for nothing, so that it
   * can be captured.
   *
   * @param ids [B, T] I32
   * @param excludedToken a token that no entry takes, such as padding; −1 for none
   */
  public void remember(Tensor ids, int excludedToken) {
    if (latest == null) {
      latest = device.allocate(MemoryTag.WORKSPACE, DType.I32, codebook.entries());
      device.transfer().fill(latest, -1);
    }
    long positions = ids.elementCount();
    try (Tensor indices = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions, slots());
        Tensor tags = device.allocate(MemoryTag.WORKSPACE, DType.I32, positions, slots())) {
      addresses(ids, indices, tags);
      device
          .context()
          .rememberContexts(
              ids,
              indices,
              tags,
              config.frozenEntries(),
              config.mostVotes(),
              excludedToken,
              latest,
              codebook.bank(),
              owners,
              votes);
    }
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
    lengths.close();
    owners.close();
    votes.close();
    if (latest != null) {
      latest.close();
    }
  }
}
