// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.mneme.model.parameters.ParameterTable;

/**
 * The launches of a phase, as few as there can be: groups that lie side by side and are treated
 * alike are one.
 *
 * @param measures what each norm is taken over
 * @param updates what moves
 */
record PhasePlan(List<Measure> measures, List<Update> updates) {

  /** The plan for the groups that move, in the order in which they lie. */
  static PhasePlan of(List<MovedGroup> groups) {
    List<Measure> measures = new ArrayList<>();
    List<Update> updates = new ArrayList<>();
    for (MovedGroup group : groups) {
      measureOf(group.scope(), measures).add(group);
      addUpdate(updates, group);
    }
    return new PhasePlan(measures, updates);
  }

  private static Measure measureOf(ClipScope scope, List<Measure> measures) {
    for (Measure measure : measures) {
      if (measure.scope == scope) {
        return measure;
      }
    }
    Measure added = new Measure(scope, new ArrayList<>(), new ArrayList<>());
    measures.add(added);
    return added;
  }

  private static void addUpdate(List<Update> updates, MovedGroup group) {
    int last = updates.size() - 1;
    if (last >= 0 && updates.get(last).continuesWith(group)) {
      Update before = updates.get(last);
      updates.set(last, new Update(before.group, before.range.joined(group.range())));
    } else {
      updates.add(new Update(group, group.range()));
    }
  }

  /**
   * One norm.
   *
   * @param scope where it is kept
   * @param ranges of the arena, apart from each other
   * @param rows that were read
   */
  record Measure(ClipScope scope, List<ParameterTable.Range> ranges, List<ReadRows> rows) {

    private void add(MovedGroup group) {
      int last = ranges.size() - 1;
      if (!group.rows().isEmpty()) {
        rows.addAll(group.rows());
      } else if (last >= 0 && ranges.get(last).to() == group.range().from()) {
        ranges.set(last, ranges.get(last).joined(group.range()));
      } else {
        ranges.add(group.range());
      }
    }
  }

  /**
   * One launch.
   *
   * @param group which stands for all in the range
   * @param range of the arena
   */
  record Update(MovedGroup group, ParameterTable.Range range) {

    private boolean continuesWith(MovedGroup next) {
      return range.to() == next.range().from()
          && group.settings().equals(next.settings())
          && group.scope() == next.scope()
          && group.rows().isEmpty()
          && next.rows().isEmpty();
    }
  }
}
