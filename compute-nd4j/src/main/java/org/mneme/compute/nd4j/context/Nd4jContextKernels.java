// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.context;

import static org.mneme.compute.nd4j.host.HostTensor.of;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** The operations on contexts of the CPU device; arguments are checked already. */
public final class Nd4jContextKernels implements ContextKernels {
  private final ContextReader reader;
  private final PlaceWeights weights;
  private final ContextVotes votes = new ContextVotes();

  /** Operations with the given threads and scratch space. */
  public Nd4jContextKernels(HostRuntime host) {
    reader = new ContextReader(host);
    weights = new PlaceWeights(host);
  }

  @Override
  public void contextAddresses(
      Tensor ids, Tensor lengths, long entries, Tensor indices, Tensor tags) {
    reader.addresses(of(ids), of(lengths), entries, of(indices), of(tags));
  }

  @Override
  public void lookUpContexts(
      Tensor bank,
      Tensor owners,
      Tensor voteCounts,
      Tensor origins,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      Tensor tokens,
      Tensor kinds) {
    ContextBank entries = new ContextBank(of(bank), of(owners), of(voteCounts), orNull(origins));
    reader.lookUp(entries, of(indices), of(tags), orNull(sources), of(tokens), of(kinds));
  }

  private static HostTensor orNull(Tensor tensor) {
    return tensor == null ? null : of(tensor);
  }

  @Override
  public void placeWeights(
      Tensor logits, Tensor kinds, Tensor bias, Tensor placeWeights, Tensor slotWeights) {
    weights.forward(of(logits), of(kinds), of(bias), of(placeWeights), of(slotWeights));
  }

  @Override
  public void placeWeightsBackward(
      Tensor dLogWeights, Tensor kinds, Tensor placeWeights, Tensor dLogits, Tensor dBias) {
    weights.backward(of(dLogWeights), of(kinds), of(placeWeights), of(dLogits), orNull(dBias));
  }

  @Override
  public void rememberContexts(
      Tensor ids,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      int firstRow,
      int mostVotes,
      int excludedToken,
      Tensor latest,
      Tensor bank,
      Tensor owners,
      Tensor voteCounts,
      Tensor origins) {
    ContextVotes.Rules rules = new ContextVotes.Rules(firstRow, mostVotes, excludedToken);
    ContextBank entries = new ContextBank(of(bank), of(owners), of(voteCounts), orNull(origins));
    ContextVotes.Text text = new ContextVotes.Text(of(ids), of(indices), of(tags), orNull(sources));
    votes.update(text, rules, of(latest), entries);
  }
}
