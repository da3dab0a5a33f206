// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

/** Weighted concatenation of what is read from rows of a table, or from token ids. */
public final class ConcatReference {
  private ConcatReference() {}

  /** Sizes: d of q, W of a read, S reads of a position, K tokens of an entry. */
  public record Sizes(int dim, int width, int slots, int places) {}

  /** Gradients of q, of what was read from, and of the logarithms of the weights. */
  public record Gradient(double[] dq, double[] dSource, double[] dLogWeights) {}

  /** [q ; w₁·table[i₁] ; … ] by row. */
  public static double[] rows(
      Sizes sizes, double[] q, double[] table, int[] indices, double[] weights) {
    double[] reads = RowReference.gather(table, indices, sizes.width);
    return ReadReference.concat(q, sizes.dim, reads, sizes.width, weights, sizes.slots);
  }

  /** [q ; w₁·mean of the embeddings of entry i₁ ; … ] by row. */
  public static double[] tokens(
      Sizes sizes, double[] q, double[] embeddings, int[] bank, int[] indices, double[] weights) {
    double[] reads = RowReference.decode(embeddings, sizes.width, bank, sizes.places, indices);
    return ReadReference.concat(q, sizes.dim, reads, sizes.width, weights, sizes.slots);
  }

  /** The gradient of {@link #rows}; that of the table is added to {@code old}. */
  public static Gradient rowsBackward(
      Sizes sizes, double[] dz, double[] z, int[] indices, double[] weights, double[] old) {
    ReadReference.Gradient reads =
        ReadReference.concatBackward(dz, z, sizes.dim, sizes.width, weights, sizes.slots);
    double[] table = RowReference.blend(old, 1, 1, reads.dReads(), indices, sizes.width);
    return new Gradient(reads.dq(), table, reads.dLogWeights());
  }

  /** The gradient of {@link #tokens}; that of the embeddings is added to {@code old}. */
  public static Gradient tokensBackward(
      Sizes sizes,
      double[] dz,
      double[] z,
      int[] bank,
      int[] indices,
      double[] weights,
      double[] old) {
    ReadReference.Gradient reads =
        ReadReference.concatBackward(dz, z, sizes.dim, sizes.width, weights, sizes.slots);
    double[] embeddings =
        RowReference.decodeBackward(reads.dReads(), sizes.width, bank, sizes.places, indices, old);
    return new Gradient(reads.dq(), embeddings, reads.dLogWeights());
  }
}
