// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.columns;
import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.ints;
import static org.mneme.compute.conformance.plain.PlainDevice.put;

import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.reference.ContextReference;
import org.mneme.compute.kernels.ContextKernels;

/** The operations on contexts of the plain device. */
final class PlainContextKernels implements ContextKernels {
  private static ContextReference.Bank bank(
      Tensor bank, Tensor owners, Tensor votes, Tensor origins) {
    int[] known = origins == null ? new int[ints(votes).length] : ints(origins);
    return new ContextReference.Bank(ints(bank), ints(owners), ints(votes), known);
  }

  private static int[] known(Tensor sources, Tensor positions) {
    return sources == null ? new int[Math.toIntExact(positions.shape().rows())] : ints(sources);
  }

  @Override
  public void contextAddresses(
      Tensor ids, Tensor lengths, long entries, Tensor indices, Tensor tags) {
    ContextReference.Addresses addresses =
        ContextReference.addresses(ints(ids), columns(ids), ints(lengths), entries);
    put(indices, addresses.indices());
    put(tags, addresses.tags());
  }

  @Override
  public void lookUpContexts(
      Tensor bank,
      Tensor owners,
      Tensor votes,
      Tensor origins,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      Tensor tokens,
      Tensor kinds) {
    ContextReference.Found found =
        ContextReference.lookUp(
            bank(bank, owners, votes, origins), ints(indices), ints(tags), known(sources, indices));
    put(tokens, found.tokens());
    put(kinds, found.kinds());
  }

  @Override
  public void placeWeights(
      Tensor logits, Tensor kinds, Tensor bias, Tensor weights, Tensor slotWeights) {
    ContextReference.Weights result =
        ContextReference.weights(get(logits), ints(kinds), get(bias), columns(kinds));
    put(weights, result.weights());
    put(slotWeights, result.slotWeights());
  }

  @Override
  public void placeWeightsBackward(
      Tensor dLogWeights, Tensor kinds, Tensor weights, Tensor dLogits, Tensor dBias) {
    double[] old = dBias == null ? new double[columns(weights)] : get(dBias);
    ContextReference.Gradient gradient =
        ContextReference.weightsBackward(
            get(dLogWeights), ints(kinds), get(weights), columns(kinds), old);
    put(dLogits, gradient.dLogits());
    if (dBias != null) {
      put(dBias, gradient.dBias());
    }
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
      Tensor votes,
      Tensor origins) {
    ContextReference.Bank updated =
        ContextReference.remember(
            bank(bank, owners, votes, origins),
            ints(ids),
            known(sources, indices),
            columns(ids),
            new ContextReference.Addresses(ints(indices), ints(tags)),
            new ContextReference.Rules(firstRow, mostVotes, excludedToken));
    put(bank, updated.tokens());
    put(owners, updated.owners());
    put(votes, updated.votes());
    if (origins != null) {
      put(origins, updated.origins());
    }
  }
}
