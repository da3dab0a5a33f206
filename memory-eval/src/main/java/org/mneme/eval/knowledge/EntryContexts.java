// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.Arrays;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.context.ContextMemory;

/**
 * The contexts to which the entries of a memory that is addressed by text belong, on the host. An
 * entry without votes belongs to none and is never read, whatever its tokens are.
 */
final class EntryContexts {
  private final ContextMemory memory;
  private final Device device;
  private final int[] owners;
  private final int[] votes;

  /** Reads owners and votes of all entries. */
  EntryContexts(ContextMemory memory) {
    this.memory = memory;
    this.device = memory.owners().device();
    this.owners = device.transfer().readInts(memory.owners());
    this.votes = device.transfer().readInts(memory.votes());
  }

  boolean isEmpty(int entry) {
    return votes[entry] == 0;
  }

  int owner(int entry) {
    return owners[entry];
  }

  /** The most votes that an entry can have. */
  int mostVotes() {
    return memory.config().mostVotes();
  }

  /** Returns whether owner or votes of the entry are others than before. */
  boolean set(int entry, int owner, int given) {
    boolean changes = owners[entry] != owner || votes[entry] != given;
    owners[entry] = owner;
    votes[entry] = given;
    return changes;
  }

  /** Writes all owners and votes back. */
  void write() {
    device.transfer().writeInts(owners, memory.owners());
    device.transfer().writeInts(votes, memory.votes());
  }

  /**
   * The addresses of a text.
   *
   * @param ids the text; with its begin token, unless contexts that reach before it are ignored
   */
  Addresses addresses(int[] ids) {
    try (Tensor text = device.allocate(MemoryTag.WORKSPACE, DType.I32, 1, ids.length);
        Tensor indices = device.allocate(MemoryTag.WORKSPACE, DType.I32, ids.length, slots());
        Tensor tags = device.allocate(MemoryTag.WORKSPACE, DType.I32, ids.length, slots())) {
      device.transfer().writeInts(ids, text);
      memory.addresses(text, indices, tags);
      return new Addresses(
          slots(), device.transfer().readInts(indices), device.transfer().readInts(tags));
    }
  }

  private int slots() {
    return memory.slots();
  }

  /** Returns the tokens of the context of a slot; longer ones follow. */
  int length(int slot) {
    return memory.config().lengths().get(slot);
  }

  /** Returns the number of slots, the first ones, whose contexts have at most these tokens. */
  int slotsWithin(int tokens) {
    return (int) memory.config().lengths().stream().filter(length -> length <= tokens).count();
  }

  /**
   * The entries at the positions of a text, and the tags of the contexts there.
   *
   * @param slots contexts of a position
   * @param entries [positions · slots], contexts of a position by ascending length
   * @param tags [positions · slots]
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Addresses(int slots, int[] entries, int[] tags) {
    /** Returns the last place from which an entry is addressed, −1 if there is none. */
    int lastPlaceOf(int entry) {
      for (int place = entries.length - 1; place >= 0; place--) {
        if (entries[place] == entry) {
          return place;
        }
      }
      return -1;
    }

    /** Returns the place of the shortest context at the last position. */
    int firstAtEnd() {
      return entries.length - slots;
    }

    /** Returns the entries addressed at the last position, that of the longest context last. */
    int[] atEnd() {
      return Arrays.copyOfRange(entries, firstAtEnd(), entries.length);
    }
  }
}
