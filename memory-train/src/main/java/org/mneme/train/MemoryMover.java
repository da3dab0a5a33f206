// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mneme.compute.Closer;
import org.mneme.compute.Tensor;
import org.mneme.memory.Codebook;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.context.ContextUndo;
import org.mneme.memory.ema.EmaBatch;
import org.mneme.memory.ema.EmaChange;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaReport;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.memory.revival.EntryReviver;
import org.mneme.memory.revival.RevivalConfig;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;
import org.mneme.memory.state.Stateful;
import org.mneme.memory.state.States;
import org.mneme.memory.state.Values;
import org.mneme.model.LanguageModel;
import org.mneme.model.TrainingPass;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.metrics.MemoryMoveReport;

/**
 * Moves memory entries by EMA and revives unused ones, or lets them take what they read; does
 * nothing for other memories.
 */
final class MemoryMover implements Stateful, AutoCloseable {
  private static final String REVIVED = "revival.revived";
  private static final String ORIGINS = "contexts.origins";
  private static final Values COUNTS = Values.integers("a count", 0, 1L << 31);

  private final EmaUpdater updater;
  private final EntryReviver reviver;
  private final ContextMemory contexts;
  private final ContextUndo undo;
  private final int padId;
  private final Closer closer = new Closer();
  private int revived;

  /**
   * The mover of a model.
   *
   * @param padId a token that no entry shall hold
   */
  MemoryMover(LanguageModel model, TrainConfig config, int padId) {
    long positions = (long) config.batchSize() * model.config().maxSeqLen();
    int microBatches = config.accumulationSteps();
    this.contexts = model.contexts().orElse(null);
    this.padId = padId;
    EmaConfig ema = model.config().ema().seed(config.seed()).excludedToken(padId).build();
    try {
      this.undo =
          contexts == null ? null : closer.add(new ContextUndo(contexts, positions, microBatches));
      this.updater = closer.add(model.emaUpdater(ema).orElse(null));
      this.reviver = config.revives() ? closer.add(reviver(config, model, updater)) : null;
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private static EntryReviver reviver(TrainConfig config, LanguageModel model, EmaUpdater updater) {
    EmaConfig ema = updater.config();
    Codebook codebook = model.memory().orElseThrow();
    RevivalConfig revival =
        new RevivalConfig(
            config.revivalUnusedUpdates(),
            config.revivalMaxShare(),
            config.revivalSource(),
            config.revivalNoise(),
            ema.excludedToken(),
            config.seed());
    int frozen = ema.frozenEntries(codebook.entries());
    return new EntryReviver(revival, codebook, frozen, List.of(updater));
  }

  /** Whether the memory reads micro-batches. */
  boolean reads() {
    return contexts != null;
  }

  /**
   * Lets the memory read a micro-batch that is done, if it is one that reads.
   *
   * @param number of the micro-batch in its step, from 0
   */
  void read(TrainingPass pass, int number) {
    if (contexts != null) {
      contexts.remember(pass.inputIds(), pass.sources().orElseThrow(), padId, undo, number);
    }
  }

  /** Takes back what the memory read in a step, if a number on the device is not finite. */
  void forgetUnlessFinite(Tensor condition) {
    if (contexts != null) {
      undo.restoreUnlessFinite(condition);
    }
  }

  /** Takes back what the memory read in the first micro-batches of a step. */
  void forget(int microBatches) {
    if (contexts != null) {
      undo.restore(microBatches);
    }
  }

  /** Whether entries move after this step. */
  boolean movesAfter(long step) {
    return updater != null && updater.config().isDue(step);
  }

  /** Steps from one move to the next. */
  int frequency() {
    return updater == null ? 1 : updater.config().updateFrequency();
  }

  /**
   * Moves the entries that the last recorded run of the pass selected.
   *
   * @param measured whether to find out what changes
   */
  Optional<MemoryMoveReport> move(TrainingPass pass, long step, boolean measured) {
    EmaBatch batch = pass.selections(step / updater.config().updateFrequency(), measured);
    EmaReport report = updater.update(batch);
    if (reviver != null) {
      revived += reviver.observe(batch).length;
    }
    return report.change().map(change -> report(step, report.entriesTouched(), change));
  }

  private MemoryMoveReport report(long step, int touched, EmaChange change) {
    return new MemoryMoveReport(
        step,
        touched,
        change.entriesChanged(),
        change.tokensChanged(),
        change.distinctTokens(),
        change.sameTokenEntries(),
        change.coverage(),
        revived);
  }

  /**
   * The share of the unfrozen entries touched since the start; of entries that read, the share that
   * is not empty; empty if none are moved.
   */
  OptionalDouble coverage() {
    if (contexts != null) {
      return OptionalDouble.of(contexts.filled());
    }
    return updater == null ? OptionalDouble.empty() : OptionalDouble.of(updater.coverage());
  }

  /** Entries that read are part of the model; where they have read is not. */
  @Override
  public void forEachState(StateVisitor visitor) {
    if (contexts != null) {
      visitor.visit(ORIGINS, contexts.origins().orElseThrow());
    }
    if (updater != null) {
      updater.forEachState(visitor);
    }
    if (reviver != null) {
      reviver.forEachState(visitor);
      visitor.visit(REVIVED, new int[] {revived});
    }
  }

  @Override
  public void restore(StateSource source) {
    if (contexts != null) {
      // Numbers of places of the text, mixed: each can be one.
      Tensor origins = contexts.origins().orElseThrow();
      States.read(source, ORIGINS, origins, Values.anyInteger());
    }
    if (updater != null) {
      updater.restore(source);
    }
    if (reviver != null) {
      reviver.restore(source);
      revived = States.ints(source, REVIVED, 1, COUNTS)[0];
    }
  }

  @Override
  public void close() {
    closer.close();
  }
}
