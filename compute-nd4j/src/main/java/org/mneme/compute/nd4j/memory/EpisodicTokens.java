// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.mneme.compute.nd4j.host.Hash.mix;

import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Lets entries take the tokens that followed a position that selected them. */
final class EpisodicTokens {
  private static final int GRAIN = 256;
  private static final double TO_UNIT = 0x1p-53;

  private final HostRuntime host;
  private int[] ids = new int[0];
  private boolean[] candidates = new boolean[0];

  EpisodicTokens(HostRuntime host) {
    this.host = host;
  }

  /** Which groups may take which tokens. */
  record Groups(HostTensor order, HostTensor entries, HostTensor starts, int count, int slots) {}

  void update(
      Groups groups,
      HostTensor inputIds,
      float probability,
      int excludedToken,
      long seed,
      HostTensor bank) {
    int places = Math.toIntExact(bank.shape().columns());
    int positions = Math.toIntExact(inputIds.elementCount());
    findCandidates(inputIds, positions, places, excludedToken);
    host.workers()
        .forRange(
            groups.count,
            GRAIN,
            (from, to, worker) -> {
              int count = (int) (to - from);
              int[] borders = host.tiles(worker).ints(0, count + 1);
              int[] entries = host.tiles(worker).ints(1, count);
              groups.starts.get(from, borders, 0, count + 1);
              groups.entries.get(from, entries, 0, count);
              for (int group = 0; group < count; group++) {
                long chance = mix(seed + mix(entries[group]));
                if ((chance >>> 11) * TO_UNIT >= probability) {
                  continue;
                }
                int members = borders[group + 1] - borders[group];
                int[] rows = host.tiles(worker).ints(2, members);
                groups.order.get(borders[group], rows, 0, members);
                int found = keepCandidates(rows, members, groups.slots, positions);
                if (found > 0) {
                  int row = rows[(int) Long.remainderUnsigned(mix(chance), found)];
                  bank.put((long) entries[group] * places, ids, row + 1, places);
                }
              }
            });
  }

  /** A position is one if enough tokens follow it and none of them is excluded. */
  private void findCandidates(HostTensor inputIds, int positions, int places, int excludedToken) {
    if (ids.length < positions) {
      ids = new int[positions];
      candidates = new boolean[positions];
    }
    inputIds.get(0, ids, 0, positions);
    int sequence = Math.toIntExact(inputIds.shape().columns());
    int usable = 0;
    for (int position = positions - 1; position >= 0; position--) {
      if (position % sequence == sequence - 1) {
        usable = 0;
      }
      candidates[position] = usable >= places;
      usable = ids[position] == excludedToken ? 0 : usable + 1;
    }
  }

  private int keepCandidates(int[] rows, int members, int slots, int positions) {
    int count = 0;
    for (int i = 0; i < members; i++) {
      int position = rows[i] / slots % positions;
      if (candidates[position]) {
        rows[count++] = position;
      }
    }
    return count;
  }
}
