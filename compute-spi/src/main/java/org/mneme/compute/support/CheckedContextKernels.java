// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.ContextKernels;

/** Checks the arguments of operations on contexts and times them. */
final class CheckedContextKernels implements ContextKernels {
  private final ContextKernels kernels;
  private final ArgumentCheck check;
  private final IndexChecks indexChecks;
  private final OperationRunner operations;

  CheckedContextKernels(
      ContextKernels kernels,
      ArgumentCheck check,
      IndexChecks indices,
      OperationRunner operations) {
    this.kernels = kernels;
    this.check = check;
    this.indexChecks = indices;
    this.operations = operations;
  }

  @Override
  public void contextAddresses(
      Tensor ids, Tensor lengths, long entries, Tensor indices, Tensor tags) {
    check.of("context_addresses").dtype("ids", ids, I32).dtype("lengths", lengths, I32);
    check.that(
        entries >= 1 && entries <= Integer.MAX_VALUE, "entries", (double) entries, "1 to 2³¹ − 1");
    long positions = ids.elementCount();
    long slots = lengths.elementCount();
    check
        .matrix("indices", indices, I32, positions, slots)
        .matrix("tags", tags, I32, positions, slots);
    separate("indices", indices, "ids", ids, "lengths", lengths);
    separate("tags", tags, "ids", ids, "lengths", lengths);
    check.disjoint("tags", tags, "indices", indices);
    operations.run(
        "context_addresses", () -> kernels.contextAddresses(ids, lengths, entries, indices, tags));
  }

  private void separate(
      String name, Tensor output, String first, Tensor a, String second, Tensor b) {
    check.disjoint(name, output, first, a).disjoint(name, output, second, b);
  }

  private void bank(Tensor bank, Tensor owners, Tensor votes) {
    check.dtype("bank", bank, I32);
    long entries = bank.shape().rows();
    check.vector("owners", owners, I32, entries).vector("votes", votes, I32, entries);
  }

  /** Whether it is known where tokens come from. */
  private boolean origins(Tensor origins, Tensor sources, Tensor bank, long positions) {
    check.together("origins", origins, "sources", sources);
    if (origins == null) {
      return false;
    }
    check
        .vector("origins", origins, I32, bank.shape().rows())
        .vector("sources", sources, I32, positions);
    return true;
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
    check.of("look_up_contexts");
    bank(bank, owners, votes);
    check.dtype("indices", indices, I32);
    long positions = indices.shape().rows();
    long slots = indices.shape().columns();
    check
        .matrix("tags", tags, I32, positions, slots)
        .matrix("tokens", tokens, I32, positions, slots * bank.shape().columns())
        .matrix("kinds", kinds, I32, positions, slots);
    separate("tokens", tokens, "bank", bank, "indices", indices);
    check.disjoint("tokens", tokens, "kinds", kinds);
    separate("kinds", kinds, "indices", indices, "tags", tags);
    separate("kinds", kinds, "votes", votes, "owners", owners);
    if (origins(origins, sources, bank, positions)) {
      separate("kinds", kinds, "origins", origins, "sources", sources);
      separate("tokens", tokens, "origins", origins, "sources", sources);
    }
    operations.run(
        "look_up_contexts",
        () -> {
          indexChecks.rows("look_up_contexts", indices, bank);
          kernels.lookUpContexts(
              bank, owners, votes, origins, indices, tags, sources, tokens, kinds);
        });
  }

  @Override
  public void placeWeights(
      Tensor logits, Tensor kinds, Tensor bias, Tensor weights, Tensor slotWeights) {
    check.of("place_weights").floating("logits", logits).dtype("kinds", kinds, I32);
    long columns = columnsOfPlaces("logits", logits, kinds);
    long positions = logits.shape().rows();
    check
        .matrix("bias", bias, F32, columns, kindsOf("bias", bias))
        .matrix("weights", weights, F32, positions, columns)
        .matrix("slotWeights", slotWeights, F32, positions, kinds.shape().columns());
    separate("weights", weights, "logits", logits, "kinds", kinds);
    separate("weights", weights, "bias", bias, "slotWeights", slotWeights);
    separate("slotWeights", slotWeights, "logits", logits, "bias", bias);
    check.disjoint("slotWeights", slotWeights, "kinds", kinds);
    operations.run(
        "place_weights",
        () -> {
          indexChecks.rows("place_weights", "kinds", kinds, 1L << 31);
          kernels.placeWeights(logits, kinds, bias, weights, slotWeights);
        });
  }

  /** S·K of a tensor [N, S·K] beside kinds [N, S]. */
  private long columnsOfPlaces(String name, Tensor tensor, Tensor kinds) {
    long slots = kinds.shape().columns();
    long columns = tensor.shape().columns();
    check.shapeThat(
        slots > 0 && columns % slots == 0 && tensor.shape().rows() == kinds.shape().rows(),
        "kinds",
        kinds,
        "[" + tensor.shape().rows() + ", S] of '" + name + "' " + tensor.shape() + " = [N, S·K]");
    return columns;
  }

  /** C of biases or their gradient [S·K, C]. */
  private long kindsOf(String name, Tensor bias) {
    check.dtype(name, bias, F32);
    return bias.shape().columns();
  }

  @Override
  public void placeWeightsBackward(
      Tensor dLogWeights, Tensor kinds, Tensor weights, Tensor dLogits, Tensor dBias) {
    check
        .of("place_weights_backward")
        .dtype("dLogWeights", dLogWeights, F32)
        .dtype("kinds", kinds, I32);
    long columns = columnsOfPlaces("dLogWeights", dLogWeights, kinds);
    long positions = dLogWeights.shape().rows();
    check.matrix("weights", weights, F32, positions, columns).floating("dLogits", dLogits);
    check
        .matrix("dLogits", dLogits, dLogits.dtype(), positions, columns)
        .disjoint("dLogits", dLogits, "dLogWeights", dLogWeights);
    separate("dLogits", dLogits, "kinds", kinds, "weights", weights);
    if (dBias != null) {
      check.matrix("dBias", dBias, F32, columns, kindsOf("dBias", dBias));
      separate("dBias", dBias, "dLogits", dLogits, "weights", weights);
      separate("dBias", dBias, "dLogWeights", dLogWeights, "kinds", kinds);
    }
    operations.run(
        "place_weights_backward",
        () -> {
          indexChecks.rows("place_weights_backward", "kinds", kinds, 1L << 31);
          kernels.placeWeightsBackward(dLogWeights, kinds, weights, dLogits, dBias);
        });
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
    check.of("remember_contexts").dtype("ids", ids, I32).dtype("indices", indices, I32);
    bank(bank, owners, votes);
    long entries = bank.shape().rows();
    long slots = indices.shape().columns();
    check
        .numbered("indices", indices)
        .matrix("indices", indices, I32, ids.elementCount(), slots)
        .matrix("tags", tags, I32, ids.elementCount(), slots)
        .vector("latest", latest, I32, entries)
        .that(firstRow >= 0 && firstRow <= entries, "firstRow", firstRow, "0 to " + entries)
        .that(mostVotes >= 1, "mostVotes", mostVotes, "at least 1")
        .that(excludedToken >= -1, "excludedToken", excludedToken, "at least -1");
    updated("latest", latest, ids, indices, tags);
    updated("bank", bank, ids, indices, tags);
    updated("owners", owners, ids, indices, tags);
    updated("votes", votes, ids, indices, tags);
    separate("latest", latest, "bank", bank, "owners", owners);
    separate("votes", votes, "latest", latest, "owners", owners);
    separate("bank", bank, "votes", votes, "owners", owners);
    if (origins(origins, sources, bank, ids.elementCount())) {
      updated("origins", origins, ids, indices, tags);
      separate("origins", origins, "sources", sources, "latest", latest);
      separate("origins", origins, "bank", bank, "owners", owners);
      check.disjoint("origins", origins, "votes", votes);
      separate("sources", sources, "latest", latest, "bank", bank);
      separate("sources", sources, "owners", owners, "votes", votes);
    }
    operations.run(
        "remember_contexts",
        () -> {
          indexChecks.rows("remember_contexts", indices, bank);
          kernels.rememberContexts(
              ids,
              indices,
              tags,
              sources,
              firstRow,
              mostVotes,
              excludedToken,
              latest,
              bank,
              owners,
              votes,
              origins);
        });
  }

  private void updated(String name, Tensor output, Tensor ids, Tensor indices, Tensor tags) {
    separate(name, output, "ids", ids, "indices", indices);
    check.disjoint(name, output, "tags", tags);
  }
}
