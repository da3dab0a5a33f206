// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.context;

import org.mneme.compute.nd4j.host.HostTensor;

/** Lets entries take what followed their contexts, by a vote. */
final class ContextVotes {
  /** What entries may take. */
  record Rules(int firstRow, int mostVotes, int excludedToken) {}

  void update(
      HostTensor ids,
      HostTensor indices,
      HostTensor tags,
      Rules rules,
      HostTensor latest,
      ContextReader.Bank bank) {
    int slots = Math.toIntExact(indices.shape().columns());
    int places = Math.toIntExact(bank.tokens().shape().columns());
    int[] tokens = new int[Math.toIntExact(ids.elementCount())];
    int[] entries = new int[Math.toIntExact(indices.elementCount())];
    int[] wanted = new int[entries.length];
    ids.get(0, tokens, 0, tokens.length);
    indices.get(0, entries, 0, entries.length);
    tags.get(0, wanted, 0, wanted.length);
    int sequence = Math.toIntExact(ids.shape().columns());
    boolean[] usable = usable(tokens, sequence, places, rules.excludedToken);
    int[] selection = new int[1];
    for (int s = 0; s < entries.length; s++) {
      if (usable[s / slots] && entries[s] >= rules.firstRow) {
        selection[0] = s;
        latest.put(entries[s], selection, 0, 1);
      }
    }
    int[] none = {-1};
    for (int s = 0; s < entries.length; s++) {
      latest.get(entries[s], selection, 0, 1);
      if (selection[0] == s) {
        latest.put(entries[s], none, 0, 1);
        vote(bank, entries[s], wanted[s], tokens, s / slots + 1, rules.mostVotes);
      }
    }
  }

  /** Whether K tokens follow each position in its sequence, none of them excluded. */
  private static boolean[] usable(int[] tokens, int sequence, int places, int excluded) {
    boolean[] usable = new boolean[tokens.length];
    int following = 0;
    for (int position = tokens.length - 1; position >= 0; position--) {
      if (position % sequence == sequence - 1) {
        following = 0;
      }
      usable[position] = following >= places;
      following = tokens[position] == excluded ? 0 : following + 1;
    }
    return usable;
  }

  private static void vote(
      ContextReader.Bank bank, int entry, int tag, int[] tokens, int from, int mostVotes) {
    int places = Math.toIntExact(bank.tokens().shape().columns());
    int[] state = new int[3];
    bank.votes().get(entry, state, 0, 1);
    bank.owners().get(entry, state, 1, 1);
    bank.tokens().get((long) entry * places, state, 2, 1);
    boolean agrees = state[0] > 0 && state[1] == tag && state[2] == tokens[from];
    int votes = agrees ? Math.min(state[0] + 1, mostVotes) : state[0] - 1;
    boolean replaced = votes <= 0;
    state[0] = replaced ? 1 : votes;
    state[1] = replaced ? tag : state[1];
    bank.votes().put(entry, state, 0, 1);
    bank.owners().put(entry, state, 1, 1);
    if (agrees || replaced) {
      bank.tokens().put((long) entry * places, tokens, from, places);
    }
  }
}
