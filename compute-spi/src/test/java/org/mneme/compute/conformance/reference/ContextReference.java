// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import java.util.Map;
import java.util.TreeMap;

/** Memory entries addressed by the tokens before a position. */
public final class ContextReference {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private ContextReference() {}

  /** Entries and tags [N, S]. */
  public record Addresses(int[] indices, int[] tags) {}

  /** Tokens [N, S·K] and kinds [N, S]. */
  public record Found(int[] tokens, int[] kinds) {}

  /** Weights [N, S·K] and their sums by slot [N, S]. */
  public record Weights(double[] weights, double[] slotWeights) {}

  /** Gradients of logits [N, S·K] and biases [S·K, C]. */
  public record Gradient(double[] dLogits, double[] dBias) {}

  /** Entries [M, K], owners [M], votes [M] and origins [M], 0 where they are not known. */
  public record Bank(int[] tokens, int[] owners, int[] votes, int[] origins) {
    /** A copy. */
    public Bank copy() {
      return new Bank(tokens.clone(), owners.clone(), votes.clone(), origins.clone());
    }

    int places() {
      return tokens.length / votes.length;
    }
  }

  /** How many there are for each; 1 where there is nothing. */
  private static int each(int count, int of) {
    return of == 0 ? 1 : count / of;
  }

  private static long mix(long x) {
    long z = x + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The addresses of all contexts of sequences of {@code sequence} tokens. */
  public static Addresses addresses(int[] ids, int sequence, int[] lengths, long entries) {
    int[] indices = new int[ids.length * lengths.length];
    int[] tags = new int[indices.length];
    for (int p = 0; p < ids.length; p++) {
      int begin = p - p % sequence;
      for (int s = 0; s < lengths.length; s++) {
        long hash = mix(lengths[s]);
        for (int at = p; at > p - lengths[s]; at--) {
          int token = at < begin ? -1 : ids[at];
          hash = mix(hash + GOLDEN * (token + 2L));
        }
        indices[p * lengths.length + s] = (int) Long.remainderUnsigned(hash >>> 1, entries);
        tags[p * lengths.length + s] = (int) (mix(hash) & 0xffffffffL);
      }
    }
    return new Addresses(indices, tags);
  }

  /** What stands at addresses, for positions of these sources [N]. */
  public static Found lookUp(Bank bank, int[] indices, int[] tags, int[] sources) {
    int slots = each(indices.length, sources.length);
    int places = bank.places();
    int[] tokens = new int[indices.length * places];
    int[] kinds = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      boolean owned = bank.owners[indices[i]] == tags[i];
      boolean own = isOrigin(bank, indices[i], sources[i / slots]);
      kinds[i] = owned && !own ? bank.votes[indices[i]] : 0;
      System.arraycopy(bank.tokens, indices[i] * places, tokens, i * places, places);
    }
    return new Found(tokens, kinds);
  }

  private static boolean isOrigin(Bank bank, int entry, int source) {
    return source != 0 && bank.origins[entry] == source;
  }

  /** σ(logit + bias of the kind), 0 for kind 0. */
  public static Weights weights(double[] logits, int[] kinds, double[] bias, int slots) {
    int places = each(logits.length, kinds.length);
    int classes = bias.length / (slots * places);
    double[] weights = new double[logits.length];
    double[] slotWeights = new double[kinds.length];
    for (int i = 0; i < logits.length; i++) {
      int kind = Math.min(kinds[i / places], classes);
      if (kind > 0) {
        int column = i % (slots * places);
        weights[i] = 1 / (1 + Math.exp(-logits[i] - bias[column * classes + kind - 1]));
        slotWeights[i / places] += weights[i];
      }
    }
    return new Weights(weights, slotWeights);
  }

  /** The gradient of {@link #weights}; {@code dBias} is added to. */
  public static Gradient weightsBackward(
      double[] dLogWeights, int[] kinds, double[] weights, int slots, double[] dBias) {
    int places = each(weights.length, kinds.length);
    int classes = dBias.length / (slots * places);
    double[] dLogits = new double[weights.length];
    double[] sums = dBias.clone();
    for (int i = 0; i < weights.length; i++) {
      dLogits[i] = dLogWeights[i] * (1 - weights[i]);
      int kind = Math.min(kinds[i / places], classes);
      if (kind > 0) {
        sums[i % (slots * places) * classes + kind - 1] += dLogits[i];
      }
    }
    return new Gradient(dLogits, sums);
  }

  /** Which entries may take what. */
  public record Rules(int firstRow, int mostVotes, int excludedToken) {}

  /** The entries after the votes of what followed the contexts of {@code ids}. */
  public static Bank remember(
      Bank before, int[] ids, int[] sources, int sequence, Addresses addresses, Rules rules) {
    int places = before.places();
    int slots = each(addresses.indices.length, ids.length);
    Map<Integer, Integer> last = new TreeMap<>();
    for (int i = 0; i < addresses.indices.length; i++) {
      if (addresses.indices[i] >= rules.firstRow
          && follow(ids, i / slots, sequence, places, rules.excludedToken)) {
        last.put(addresses.indices[i], i);
      }
    }
    Bank bank = before.copy();
    last.forEach(
        (entry, i) -> {
          int source = sources[i / slots];
          boolean owner = bank.votes[entry] > 0 && bank.owners[entry] == addresses.tags[i];
          if (!(owner && isOrigin(bank, entry, source))
              && vote(bank, entry, addresses.tags[i], ids, i / slots + 1, rules.mostVotes)) {
            bank.origins[entry] = source;
          }
        });
    return bank;
  }

  private static boolean follow(int[] ids, int position, int sequence, int places, int excluded) {
    for (int k = 1; k <= places; k++) {
      int at = position + k;
      if (at >= ids.length || at / sequence != position / sequence || ids[at] == excluded) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether tokens were taken. */
  private static boolean vote(Bank bank, int entry, int tag, int[] ids, int from, int mostVotes) {
    int places = bank.places();
    boolean owner = bank.votes[entry] > 0 && bank.owners[entry] == tag;
    boolean agrees = owner && bank.tokens[entry * places] == ids[from];
    if (agrees) {
      bank.votes[entry] = Math.min(mostVotes, bank.votes[entry] + 1);
    } else if (bank.votes[entry] > 1) {
      bank.votes[entry]--;
      return false;
    } else {
      bank.votes[entry] = 1;
      bank.owners[entry] = tag;
    }
    System.arraycopy(ids, from, bank.tokens, entry * places, places);
    return true;
  }
}
