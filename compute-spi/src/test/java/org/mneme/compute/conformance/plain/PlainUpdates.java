// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.columns;
import static org.mneme.compute.conformance.plain.PlainDevice.flags;
import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.ints;
import static org.mneme.compute.conformance.plain.PlainDevice.put;
import static org.mneme.compute.conformance.plain.PlainDevice.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.UpdateReference;

/** The operations that move entries, by the references. */
final class PlainUpdates {
  void maskSelections(Tensor indices, Tensor valid, Tensor out) {
    int[] selected = ints(indices);
    boolean[] flags = flags(valid);
    for (int i = 0; i < selected.length; i++) {
      selected[i] = flags[i / (selected.length / flags.length)] ? selected[i] : -1;
    }
    put(out, selected);
  }

  int groupSelections(Tensor indices, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    TreeMap<Integer, List<Integer>> groups =
        UpdateReference.group(ints(indices), Math.toIntExact(firstRow));
    int[] sorted = ints(order);
    int[] keys = ints(entries);
    int[] borders = ints(starts);
    int group = 0;
    int at = 0;
    borders[0] = 0;
    for (int entry : groups.keySet()) {
      for (int selection : groups.get(entry)) {
        sorted[at++] = selection;
      }
      keys[group++] = entry;
      borders[group] = at;
    }
    put(order, sorted);
    put(entries, keys);
    put(starts, borders);
    return group;
  }

  /** The selections of some groups. */
  private static List<List<Integer>> groups(Tensor order, Tensor starts, int first, int count) {
    int[] sorted = ints(order);
    int[] borders = ints(starts);
    List<List<Integer>> groups = new ArrayList<>();
    for (int group = first; group < first + count; group++) {
      List<Integer> selections = new ArrayList<>();
      for (int i = borders[group]; i < borders[group + 1]; i++) {
        selections.add(sorted[i]);
      }
      groups.add(selections);
    }
    return groups;
  }

  void scatterMean(
      Tensor features,
      Tensor valid,
      Tensor order,
      Tensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      Tensor means,
      Tensor counts) {
    int count = rows(means);
    UpdateReference.Means result =
        UpdateReference.scatterMean(
            get(features),
            flags(valid),
            columns(features),
            groups(order, starts, firstGroup, count),
            count,
            slots,
            sequence,
            shift);
    put(means, result.means());
    put(counts, result.counts());
  }

  void scaleToMeanNorm(Tensor reference, Tensor x) {
    put(x, UpdateReference.scaleToMeanNorm(get(reference), get(x), columns(x)));
  }

  void nearestToken(Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    double[] table = get(embeddings);
    double[] kept = get(keep);
    int[] old = ints(tokens);
    int[] nearest = new int[old.length];
    for (int i = 0; i < old.length; i++) {
      int entry = i / columns(tokens);
      double[] scores =
          UpdateReference.tokenScores(
              table, columns(embeddings), old[i], kept[entry], get(features), entry);
      for (int v = 1; v < scores.length; v++) {
        nearest[i] = scores[v] > scores[nearest[i]] ? v : nearest[i];
      }
    }
    put(out, nearest);
  }

  void episodicTokens(
      Tensor order,
      Tensor entries,
      Tensor starts,
      int groups,
      Tensor inputIds,
      int slots,
      float probability,
      int excludedToken,
      long seed,
      Tensor bank) {
    int[] ids = ints(inputIds);
    int[] keys = ints(entries);
    int[] tokens = ints(bank);
    int places = columns(bank);
    int group = 0;
    for (List<Integer> selections : groups(order, starts, 0, groups)) {
      int entry = keys[group++];
      SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() + entry);
      List<Integer> candidates = new ArrayList<>();
      for (int selection : selections) {
        int position = selection / slots % ids.length;
        boolean whole = position % columns(inputIds) + places < columns(inputIds);
        if (whole && !contains(ids, position + 1, places, excludedToken)) {
          candidates.add(position);
        }
      }
      if (random.nextDouble() < probability && !candidates.isEmpty()) {
        int chosen = candidates.get(random.nextInt(candidates.size()));
        System.arraycopy(ids, chosen + 1, tokens, entry * places, places);
      }
    }
    put(bank, tokens);
  }

  private static boolean contains(int[] ids, int from, int count, int token) {
    for (int i = from; i < from + count; i++) {
      if (ids[i] == token) {
        return true;
      }
    }
    return false;
  }
}
