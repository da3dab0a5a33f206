// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Objects;
import java.util.Optional;
import org.mneme.compute.Closer;
import org.mneme.memory.Codebook;
import org.mneme.memory.state.StateSource;
import org.mneme.memory.state.StateVisitor;

/** Sorts selections by entry, and lets a rule move the entries chunk by chunk. */
final class GroupedUpdater implements EmaUpdater {
  private final Codebook codebook;
  private final EmaConfig config;
  private final int chunkRows;
  private final EntryRule rule;
  private final Selections selections;
  private final Touched touched;
  private final Closer closer = new Closer();

  /**
   * An updater of a codebook.
   *
   * @param rule is closed with this, also where this constructor fails
   */
  GroupedUpdater(Codebook codebook, EmaConfig config, int chunkRows, EntryRule rule) {
    this.codebook = codebook;
    this.config = config;
    this.chunkRows = chunkRows;
    this.rule = closer.add(rule);
    try {
      int entries = codebook.entries();
      int frozen = config.frozenEntries(entries);
      this.selections = closer.add(new Selections(codebook.device(), entries, frozen));
      this.touched = closer.add(new Touched(codebook.device(), entries, frozen));
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  @Override
  public EmaConfig config() {
    return config;
  }

  @Override
  public EmaReport update(EmaBatch batch) {
    if (config.rule() != EmaRule.EPISODIC) {
      Objects.requireNonNull(batch.features(), "features");
    }
    ChangeMeter meter = batch.measured() ? new ChangeMeter(codebook) : null;
    selections.group(batch);
    int groups = selections.groups();
    if (groups > 0) {
      touched.mark(selections.entries(0, groups));
      rule.begin(batch, selections);
      for (int first = 0; first < groups; first += chunkRows) {
        move(new Chunk(batch, selections, first, Math.min(chunkRows, groups - first)), meter);
      }
    }
    Optional<EmaChange> change =
        meter == null ? Optional.empty() : Optional.of(meter.change(touched.coverage()));
    return new EmaReport(batch.updateNumber(), groups, change);
  }

  private void move(Chunk chunk, ChangeMeter meter) {
    if (meter != null) {
      meter.before(chunk);
    }
    rule.move(chunk);
    if (meter != null) {
      meter.after(chunk);
    }
  }

  @Override
  public double coverage() {
    return touched.coverage();
  }

  @Override
  public void resetEntries(int[] entries) {
    rule.resetEntries(entries);
  }

  @Override
  public void forEachState(StateVisitor visitor) {
    touched.forEachState(visitor);
    rule.forEachState(visitor);
  }

  @Override
  public void restore(StateSource source) {
    touched.restore(source);
    rule.restore(source);
  }

  @Override
  public void close() {
    closer.close();
  }
}
