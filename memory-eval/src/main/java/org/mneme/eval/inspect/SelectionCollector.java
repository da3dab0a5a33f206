// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Arrays;
import java.util.List;
import org.mneme.compute.Tensor;
import org.mneme.eval.TextWindow;
import org.mneme.eval.TokenBatch;
import org.mneme.eval.WindowBatch;
import org.mneme.eval.inspect.TopContexts.Candidate;
import org.mneme.model.layers.SelectionObserver;

/** Counts the selections of a few entries and keeps their weightiest places, on the host. */
final class SelectionCollector implements SelectionObserver {
  private static final int NOT_ASKED_FOR = -1;

  private final int reach;
  private final int[] numberOf;
  private final long[] uses;
  private final long[] firstUses;
  private final TopContexts[] contexts;
  private WindowBatch batch;
  private long positions;

  SelectionCollector(int memoryEntries, List<Integer> entries, InspectionConfig config) {
    this.reach = config.contextTokens();
    this.numberOf = new int[memoryEntries];
    this.uses = new long[entries.size()];
    this.firstUses = new long[entries.size()];
    this.contexts = new TopContexts[entries.size()];
    Arrays.fill(numberOf, NOT_ASKED_FOR);
    for (int i = 0; i < entries.size(); i++) {
      numberOf[entries.get(i)] = i;
      contexts[i] = new TopContexts(config.contexts());
    }
  }

  /** Announces the batch whose selections follow. */
  void begin(WindowBatch next) {
    batch = next;
    positions += next.tokens().targetCount();
  }

  @Override
  public void selected(int layer, Tensor indices, Tensor weights, Tensor query, Tensor keyQuery) {
    int slots = Math.toIntExact(indices.shape().columns());
    int[] chosen = indices.device().transfer().readInts(indices);
    float[] weight = weights.device().transfer().readFloats(weights);
    int perPosition = chosen.length / batch.tokens().ids().length;
    for (int i = 0; i < chosen.length; i++) {
      // A selection that is no read has no entry.
      int number = chosen[i] < 0 ? NOT_ASKED_FOR : numberOf[chosen[i]];
      int position = i / perPosition;
      if (number != NOT_ASKED_FOR && batch.tokens().counts(position)) {
        uses[number]++;
        firstUses[number] += i % slots == 0 ? 1 : 0;
        offer(contexts[number], position, weight[i], layer, i % perPosition / slots);
      }
    }
  }

  private void offer(TopContexts top, int position, float weight, int layer, int head) {
    if (top.couldTake(weight)) {
      TokenBatch tokens = batch.tokens();
      TextWindow window = batch.rows().get(position / tokens.sequence());
      int place = window.start() + position % tokens.sequence();
      Excerpt excerpt = Excerpt.around(window, place, reach);
      top.add(new Candidate(excerpt, weight, layer, head, window.document(), place));
    }
  }

  /** Positions at which each memory layer selected. */
  long positions() {
    return positions;
  }

  long uses(int number) {
    return uses[number];
  }

  long firstUses(int number) {
    return firstUses[number];
  }

  List<Candidate> contexts(int number) {
    return contexts[number].best();
  }
}
