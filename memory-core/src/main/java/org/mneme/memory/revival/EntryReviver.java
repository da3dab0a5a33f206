// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.revival;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.Codebook;
import org.mneme.memory.EntryState;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.ema.EmaBatch;
import org.mneme.memory.random.Seeds;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.Stateful;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;

/**
 * Gives unused entries new contents. Selections are counted on the device over a window of updates;
 * at its end the unfrozen entries without any are dead, get new contents, and all that is
 * remembered of them is reset. Then the next window begins.
 */
public final class EntryReviver implements Stateful, AutoCloseable {
  private static final int CHUNK_ROWS = 8192;
  private static final String STREAM = "memory.revival";
  private static final int[] NONE = {};

  private final RevivalConfig config;
  private final Codebook codebook;
  private final Device device;
  private final int frozen;
  private final List<EntryState> states;
  private final RevivedContents contents;
  private final Tensor uses;
  private int observed;
  private int windows;

  /**
   * A reviver at the start of its first window.
   *
   * @param frozenEntries entries, from entry 0 on, that never change
   * @param states what remembers facts about entries: updater, tracker, optimiser
   * @throws UserException if the source does not suit the codebook
   */
  public EntryReviver(
      RevivalConfig config, Codebook codebook, int frozenEntries, List<EntryState> states) {
    boolean tokens = codebook instanceof TokenCodebook;
    RevivalSource unsuited = tokens ? RevivalSource.FEATURES : RevivalSource.PHRASES;
    if (config.source() == unsuited) {
      throw new UserException(
          "revival_source: found "
              + unsuited
              + " for a memory of "
              + (tokens ? "tokens, wanted USED or PHRASES" : "vectors, wanted USED or FEATURES"));
    }
    this.config = config;
    this.codebook = codebook;
    this.device = codebook.device();
    this.frozen = frozenEntries;
    this.states = List.copyOf(states);
    this.contents = new RevivedContents(codebook, config);
    this.uses =
        Closer.initialized(
            device.allocate(MemoryTag.MEMORY_BANK, DType.I32, codebook.entries()),
            tensor -> device.transfer().fill(tensor, 0));
  }

  /**
   * Counts the selections of an update and, at the end of a window, revives dead entries.
   *
   * @return the revived entries, ascending; mostly none
   */
  public int[] observe(EmaBatch batch) {
    device.memory().countIndices(batch.indices(), uses);
    observed++;
    if (observed < config.unusedUpdates()) {
      return NONE;
    }
    int[] counts = device.transfer().readInts(uses);
    device.transfer().fill(uses, 0);
    observed = 0;
    windows++;
    SplittableRandom random = new SplittableRandom(Seeds.of(config.seed(), STREAM, windows));
    int[] dead = choose(counts, random);
    if (dead.length == 0 || !revive(dead, counts, batch, random)) {
      return NONE;
    }
    states.forEach(state -> state.resetEntries(dead));
    return dead;
  }

  private int[] choose(int[] counts, SplittableRandom random) {
    int[] dead = new int[counts.length - frozen];
    int found = 0;
    for (int entry = frozen; entry < counts.length; entry++) {
      if (counts[entry] == 0) {
        dead[found++] = entry;
      }
    }
    int limit = (int) Math.max(1, Math.floor(config.maxShare() * dead.length));
    int chosen = Math.min(found, limit);
    if (chosen < found) {
      for (int i = 0; i < chosen; i++) {
        int other = i + random.nextInt(found - i);
        int swapped = dead[i];
        dead[i] = dead[other];
        dead[other] = swapped;
      }
    }
    int[] entries = Arrays.copyOf(dead, chosen);
    Arrays.sort(entries);
    return entries;
  }

  /** Whether there was anything to revive from. */
  private boolean revive(int[] dead, int[] counts, EmaBatch batch, SplittableRandom random) {
    switch (config.source()) {
      case USED -> {
        UsedEntries used = new UsedEntries(counts);
        if (used.isEmpty()) {
          return false;
        }
        fill(dead, rows -> contents.used(used, random, rows));
      }
      case FEATURES -> {
        Objects.requireNonNull(batch.features(), "features");
        int[] available = featureRows(batch);
        if (available.length == 0) {
          return false;
        }
        fill(dead, rows -> contents.features(batch.features(), available, random, rows));
      }
      case PHRASES -> {
        Objects.requireNonNull(batch.inputIds(), "inputIds");
        int[] ids = device.transfer().readInts(batch.inputIds());
        int[] starts = phraseStarts(ids, batch.sequence());
        if (starts.length == 0) {
          return false;
        }
        fill(dead, rows -> contents.phrases(ids, starts, random, rows));
      }
    }
    return true;
  }

  /** Feature rows whose selections count. */
  private int[] featureRows(EmaBatch batch) {
    int[] indices = device.transfer().readInts(batch.indices());
    int slots = batch.slots();
    return IntStream.range(0, indices.length / slots)
        .filter(row -> indices[row * slots] >= 0)
        .toArray();
  }

  /** Positions with K tokens left in their sequence, none of them excluded. */
  private int[] phraseStarts(int[] ids, int sequence) {
    int[] starts = new int[ids.length];
    int found = 0;
    int clean = 0;
    for (int position = ids.length - 1; position >= 0; position--) {
      boolean last = position % sequence == sequence - 1;
      clean = ids[position] == config.excludedToken() ? 0 : last ? 1 : clean + 1;
      if (clean >= codebook.width()) {
        starts[found++] = position;
      }
    }
    return Arrays.copyOf(starts, found);
  }

  private void fill(int[] dead, Consumer<Tensor> contentsOf) {
    for (int from = 0; from < dead.length; from += CHUNK_ROWS) {
      int[] part = Arrays.copyOfRange(dead, from, Math.min(dead.length, from + CHUNK_ROWS));
      Shape shape = Shape.of(part.length, codebook.width());
      try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, part.length);
          Tensor rows = device.allocate(MemoryTag.WORKSPACE, codebook.bank().dtype(), shape)) {
        contentsOf.accept(rows);
        device.transfer().writeInts(part, index);
        device.memory().scatterRows(rows, index, codebook.bank());
      }
    }
  }

  @Override
  public void forEachState(StateVisitor visitor) {
    visitor.visit("revival.uses", uses);
    visitor.visit("revival.progress", new int[] {observed, windows});
  }

  @Override
  public void restore(StateSource source) {
    Values counts = Values.integers("a count", 0, 1L << 31);
    States.read(source, "revival.uses", uses, counts);
    Values updates = Values.upToSteps("a count", source.steps());
    int[] progress = States.ints(source, "revival.progress", 2, updates);
    observed = progress[0];
    windows = progress[1];
  }

  @Override
  public void close() {
    uses.close();
  }
}
