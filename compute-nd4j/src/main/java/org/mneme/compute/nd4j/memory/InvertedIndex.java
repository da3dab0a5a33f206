// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * Groups the positions of equal keys: the order in which sums over colliding indices are taken.
 *
 * <p>A stable radix sort; its cost grows with the number of keys, not with their range. Its arrays
 * are kept from use to use.
 */
final class InvertedIndex {
  private static final int MAX_DIGIT_BITS = 11;

  private final int[] histogram = new int[1 << MAX_DIGIT_BITS];
  private int[] keys = new int[0];
  private int[] order = new int[0];
  private int[] otherKeys = new int[0];
  private int[] otherOrder = new int[0];
  private int[] starts = new int[1];
  private int groups;

  /** Room for {@code count} keys, to be filled before {@link #build}. */
  int[] keys(int count) {
    if (keys.length < count) {
      keys = new int[count];
      order = new int[count];
      otherKeys = new int[count];
      otherOrder = new int[count];
      starts = new int[count + 1];
    }
    return keys;
  }

  /**
   * Groups the first {@code count} keys.
   *
   * @param bound every key is in 0 … bound − 1, or −1, which sorts last, where 0 … bound − 2 are
   *     all others
   */
  void build(int count, long bound) {
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    int bits = Math.max(1, 64 - Long.numberOfLeadingZeros(Math.max(0, bound - 1)));
    int passes = (bits + MAX_DIGIT_BITS - 1) / MAX_DIGIT_BITS;
    int digitBits = (bits + passes - 1) / passes;
    for (int pass = 0; pass < passes; pass++) {
      sortByDigit(count, pass * digitBits, digitBits);
    }
    findGroups(count);
  }

  private void sortByDigit(int count, int shift, int digitBits) {
    int mask = (1 << digitBits) - 1;
    Arrays.fill(histogram, 0, mask + 1, 0);
    for (int i = 0; i < count; i++) {
      histogram[keys[i] >>> shift & mask]++;
    }
    int start = 0;
    for (int digit = 0; digit <= mask; digit++) {
      int size = histogram[digit];
      histogram[digit] = start;
      start += size;
    }
    for (int i = 0; i < count; i++) {
      int key = keys[i];
      int place = histogram[key >>> shift & mask]++;
      otherKeys[place] = key;
      otherOrder[place] = order[i];
    }
    int[] swap = keys;
    keys = otherKeys;
    otherKeys = swap;
    swap = order;
    order = otherOrder;
    otherOrder = swap;
  }

  private void findGroups(int count) {
    groups = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || keys[i] != keys[i - 1]) {
        otherKeys[groups] = keys[i]; // Free to hold the groups' keys, now that all is sorted.
        starts[groups++] = i;
      }
    }
    starts[groups] = count;
  }

  /** The number of distinct keys. */
  int groups() {
    return groups;
  }

  /** The key of a group; groups ascend by key. */
  int key(int group) {
    return otherKeys[group];
  }

  /** Where the members of a group begin; those of the last group end at {@code start(groups())}. */
  int start(int group) {
    return starts[group];
  }

  /** The position of a member; those of one group ascend. */
  int member(int place) {
    return order[place];
  }

  /** Writes the members of all groups, one after the other. */
  void writeOrder(HostTensor members) {
    members.put(0, order, 0, starts[groups]);
  }

  /**
   * Writes the groups from {@code firstGroup} to before {@code endGroup}, counted and placed as if
   * there were no others.
   */
  void write(
      int firstGroup,
      int endGroup,
      HostTensor members,
      HostTensor groupKeys,
      HostTensor groupStarts) {
    int left = endGroup - firstGroup;
    int firstMember = starts[firstGroup];
    for (int group = firstGroup; group <= endGroup; group++) {
      starts[group] -= firstMember;
    }
    members.put(0, order, firstMember, starts[endGroup]);
    groupKeys.put(0, otherKeys, firstGroup, left);
    groupStarts.put(0, starts, firstGroup, left + 1);
  }
}
