// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.context;

import org.mneme.compute.nd4j.host.HostTensor;

/** Lets entries take what followed their contexts, by a vote. */
final class ContextVotes {
  /** What entries may take. */
  record Rules(int firstRow, int mostVotes, int excludedToken) {}

  /** Sequences with their addresses, and the sources of their positions, which may be null. */
  record Text(HostTensor ids, HostTensor indices, HostTensor tags, HostTensor sources) {}

  void update(Text text, Rules rules, HostTensor latest, ContextBank bank) {
    int slots = Math.toIntExact(text.indices.shape().columns());
    int[] tokens = all(text.ids);
    int[] entries = all(text.indices);
    int[] tags = all(text.tags);
    int[] sources = text.sources == null ? new int[tokens.length] : all(text.sources);
    int sequence = Math.toIntExact(text.ids.shape().columns());
    boolean[] usable = usable(tokens, sequence, bank.places(), rules.excludedToken);
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
        Candidate candidate = new Candidate(tags[s], sources[s / slots], s / slots + 1);
        vote(bank, entries[s], candidate, tokens, rules.mostVotes);
      }
    }
  }

  private static int[] all(HostTensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.elementCount())];
    tensor.get(0, values, 0, values.length);
    return values;
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

  /** A context that votes: its tag, its source, and where the tokens that follow it begin. */
  private record Candidate(int tag, int source, int from) {}

  private static void vote(
      ContextBank bank, int entry, Candidate candidate, int[] tokens, int mostVotes) {
    int[] state = new int[4];
    bank.votes().get(entry, state, 0, 1);
    bank.owners().get(entry, state, 1, 1);
    bank.tokens().get((long) entry * bank.places(), state, 2, 1);
    boolean owner = state[0] > 0 && state[1] == candidate.tag;
    if (bank.origins() != null && owner && candidate.source != 0) {
      bank.origins().get(entry, state, 3, 1);
      if (state[3] == candidate.source) {
        return;
      }
    }
    boolean agrees = owner && state[2] == tokens[candidate.from];
    int votes = agrees ? Math.min(state[0] + 1, mostVotes) : state[0] - 1;
    boolean replaced = votes <= 0;
    state[0] = replaced ? 1 : votes;
    state[1] = replaced ? candidate.tag : state[1];
    bank.votes().put(entry, state, 0, 1);
    bank.owners().put(entry, state, 1, 1);
    if (agrees || replaced) {
      take(bank, entry, candidate, tokens);
    }
  }

  private static void take(ContextBank bank, int entry, Candidate candidate, int[] tokens) {
    bank.tokens().put((long) entry * bank.places(), tokens, candidate.from, bank.places());
    if (bank.origins() != null) {
      bank.origins().put(entry, new int[] {candidate.source}, 0, 1);
    }
  }
}
