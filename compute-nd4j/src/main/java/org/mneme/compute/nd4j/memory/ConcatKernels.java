// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Reads entries into the input of a fusion: by way of scratch space, which all layers share. */
final class ConcatKernels {
  private static final String READS = "concat.reads";

  private final HostRuntime host;
  private final RowKernels rows;
  private final TokenDecoder decoder;
  private final TokenGradient tokenGradient;
  private final FusionKernels fusion;

  ConcatKernels(
      HostRuntime host,
      RowKernels rows,
      TokenDecoder decoder,
      TokenGradient tokenGradient,
      FusionKernels fusion) {
    this.host = host;
    this.rows = rows;
    this.decoder = decoder;
    this.tokenGradient = tokenGradient;
    this.fusion = fusion;
  }

  /** Scratch space for the reads of all positions [N·S, W]. */
  private HostTensor reads(HostTensor q, HostTensor weights, HostTensor z) {
    long count = weights.elementCount();
    long slots = Math.max(1, weights.shape().columns());
    long width = (z.shape().columns() - q.shape().columns()) / slots;
    HostTensor buffer = host.workspace().floats(READS, count * width);
    return HostTensor.of(buffer.rows(0, count * width).reshape(count, width));
  }

  void tokens(
      HostTensor q,
      HostTensor embeddings,
      HostTensor bank,
      HostTensor indices,
      HostTensor weights,
      HostTensor z,
      HostTensor order) {
    HostTensor reads = reads(q, weights, z);
    decoder.decode(embeddings, bank, indices, reads);
    decoder.writeOrder(order);
    fusion.concatWeighted(q, reads, weights, z);
  }

  void tokensBackward(
      HostTensor dz,
      HostTensor z,
      HostTensor bank,
      HostTensor indices,
      HostTensor weights,
      Accumulation mode,
      HostTensor dq,
      HostTensor dEmbeddings,
      HostTensor dLogWeights) {
    HostTensor dReads = reads(dq, weights, dz);
    fusion.concatWeightedBackward(dz, z, weights, mode, dq, dReads, dLogWeights);
    if (dEmbeddings != null) {
      tokenGradient.add(dReads, bank, indices, dEmbeddings);
    }
  }

  void rows(HostTensor q, HostTensor table, HostTensor indices, HostTensor weights, HostTensor z) {
    HostTensor reads = reads(q, weights, z);
    rows.gather(table, indices, reads);
    fusion.concatWeighted(q, reads, weights, z);
  }

  void rowsBackward(
      HostTensor dz,
      HostTensor z,
      HostTensor indices,
      HostTensor weights,
      Accumulation mode,
      HostTensor dq,
      HostTensor dTable,
      HostTensor dLogWeights) {
    HostTensor dReads = reads(dq, weights, dz);
    fusion.concatWeightedBackward(dz, z, weights, mode, dq, dReads, dLogWeights);
    if (dTable != null) {
      rows.scatterAdd(dReads, indices, dTable);
    }
  }
}
