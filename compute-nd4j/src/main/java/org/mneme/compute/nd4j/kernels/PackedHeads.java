// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.nd4j.host.HostTensor;

/** Where the heads lie in packed rows [query heads | key heads | value heads]. */
record PackedHeads(AttentionShape shape) {
  Strided query(HostTensor packed, int sample, int head) {
    return packed(packed, sample, (long) head * shape.headDim());
  }

  Strided key(HostTensor packed, int sample, int group) {
    return packed(packed, sample, keyColumn() + (long) group * shape.headDim());
  }

  Strided value(HostTensor packed, int sample, int group) {
    return packed(packed, sample, valueColumn() + (long) group * shape.headDim());
  }

  private Strided packed(HostTensor packed, int sample, long column) {
    int stride = Math.toIntExact(shape.packedColumns());
    return new Strided(packed, (long) sample * shape.sequence() * stride + column, stride);
  }

  Strided output(HostTensor out, int sample, int head) {
    int stride = Math.toIntExact(shape.outputColumns());
    long first = (long) sample * shape.sequence() * stride + (long) head * shape.headDim();
    return new Strided(out, first, stride);
  }

  long keyColumn() {
    return shape.outputColumns();
  }

  long valueColumn() {
    return shape.outputColumns() + shape.keyValueColumns();
  }

  /** The key head of a query head. */
  int group(int head) {
    return head / (shape.heads() / shape.keyValueHeads());
  }

  /** The first query head of a key head. */
  int firstHead(int group) {
    return group * (shape.heads() / shape.keyValueHeads());
  }
}
